import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { countRuns } from '../../src/lib/server/records/countRuns.ts';
import { expect, test } from '../support/db.ts';
import { branch, days, makeCadence, makeLeads, makeWorld, planOf, task } from '../support/engineWorld.ts';

test('UNE-3, REE-2: says how selected records stand in a cadence before anything is changed', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b', days(2))]), task('b')]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(db, world, [{}, {}, {}, {}]);
	const [, stopped, converted, never] = ids;
	const inCadence = ids.filter((id) => id !== never);
	await withOrg(db.web, world.actor.orgId, (tx) =>
		enrollRecords(tx, world.actor, { cadenceId, records: { ids: inCadence } })
	);
	for (const [id, reason] of [
		[stopped, 'manual'],
		[converted, 'converted']
	])
		await db.admin.execute(
			sql`update enrollments set status = 'stopped', end_reason = ${reason} where record_id = ${id}`
		);
	const [run] = await db.admin.execute<{ id: string }>(
		sql`select id from enrollments where record_id = ${stopped}`
	);
	const counts = await withOrg(db.web, world.actor.orgId, (tx) =>
		countRuns(tx, world.actor, { moduleKey: 'leads', cadenceId, selection: { ids } })
	);
	expect(counts).toEqual({ selected: 4, live: 1, final: 1, never: 1, restartable: [run!.id] });
});
