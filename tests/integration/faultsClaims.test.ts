import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { createDb } from '../../src/lib/server/db/client.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { halfLease, queueForClaims, slowDown, stuckAfterTwoLeases } from '../faults/E8/cutClaims.ts';
import { expect, test } from '../support/db.ts';

const TRIALS = 12;

test('E8: a client that goes away while its claim runs: after two lease periods nothing is stuck', async ({
	db
}) => {
	const random = seededRandom(8);
	const world = await queueForClaims(db, TRIALS * 2, 'http://127.0.0.1:1');
	await slowDown(db);
	for (let n = 0; n < TRIALS; n++) {
		const client = createDb(db.urls.worker, { name: 'e8-client', max: 1 });
		await client.execute(sql`select 1`);
		const claim = claimMessages(client, 'email', 4).catch(() => null);
		await sleep(random.int(5, 70));
		// The connection is dropped; the server goes on with what it was told.
		await client.$client.end({ timeout: 0 });
		await claim;
		await halfLease(db);
	}
	expect(await stuckAfterTwoLeases(db)).toBe(0);
	const rows = await db.admin.execute(sql`
		select status, count(*)::int as n from messages where org_id = ${world.orgId} and channel = 'email' group by 1`);
	expect(rows.map((row) => ({ ...row }))).toEqual([{ status: 'queued', n: TRIALS * 4 }]);
}, 60_000);
