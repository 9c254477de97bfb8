import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { countEnrollments, raceEnrollers } from '../faults/E9/race.ts';
import { expect, test } from '../support/db.ts';

const RECORDS = 40;

test('E9: four enrollers per record at once: exactly one live enrollment each, and no fault of the server', async ({
	db
}) => {
	const { orgId, claimed, faults } = await raceEnrollers(db, {
		records: RECORDS,
		sets: 2,
		random: seededRandom(9)
	});
	expect(faults).toEqual([]);
	expect(claimed).toBe(RECORDS * 2);
	expect(await countEnrollments(db, orgId)).toEqual({
		enrollments: RECORDS * 2,
		live: RECORDS * 2,
		events: RECORDS * 2,
		counted: RECORDS * 2
	});
}, 120_000);
