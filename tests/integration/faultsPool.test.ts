import { fillPool } from '../faults/E22/fullPool.ts';
import { expect, test } from '../support/db.ts';

test('E22: callers of a full pool are told within 5 s, and served within 2 s after it is free', async ({
	db
}) => {
	const found = await fillPool(db);
	expect(found).toMatchObject({
		servedBesideOne: 50,
		refused: 50,
		toldAsUnavailable: 50,
		servedAfter: 50,
		deadlocks: 0,
		leftInTransaction: 0
	});
	expect(found.slowestRefusalMs).toBeLessThanOrEqual(5_000);
	expect(found.recoveredMs).toBeLessThanOrEqual(2_000);
});
