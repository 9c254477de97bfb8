import { newId } from '../../src/lib/server/db/id.ts';
import { listSkipTargets } from '../../src/lib/server/enrollments/listSkipTargets.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { listRecordCadences } from '../../src/lib/server/records/listRecordCadences.ts';
import { getCadenceColumns } from '../../src/lib/server/users/getCadenceColumns.ts';
import { setCadenceColumns } from '../../src/lib/server/users/setCadenceColumns.ts';
import { usualCadenceColumns } from '../../src/lib/domain/crm/cadenceColumns.ts';
import { makeUser, rep } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import { branch, days, makeWorld, planOf, runsOf, task } from '../support/engineWorld.ts';
import { as, enrolled, publishPlan } from '../support/liveRuns.ts';

const created = { response: 'created' } as const;
const chain = (...ids: string[]) =>
	planOf(
		ids.map((id, at) => ({
			...task(id, ids[at + 1] ? [branch(id, created, ids[at + 1]!, days(3))] : []),
			followUp: at + 1
		}))
	);

describe('CRM-8: the Cadences related list', () => {
	test('ENR-8, VER-3: a run is sent on along the version it is pinned to, not along the live one', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, chain('a', 'b', 'c'));
		const [run] = await runsOf(db, cadenceId);
		const targets = () => as(db, world.actor, (tx) => listSkipTargets(tx, world.actor, run!.id));
		expect((await targets()).map(({ id }) => id)).toEqual(['b', 'c']);
		await publishPlan(db, world, cadenceId, chain('a', 'b', 'x'), { decisions: { b: 'keep' } });
		expect((await targets()).map(({ id }) => id)).toEqual(['b', 'c']);
		await as(db, world.actor, (tx) =>
			unenrollRecords(tx, world.actor, { target: { runs: { enrollmentIds: [run!.id] } } })
		);
		expect(await targets()).toEqual([]);
	});

	test('PER-3: where somebody else’s run can go is nobody’s business', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, chain('a', 'b'));
		const [run] = await runsOf(db, cadenceId);
		const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
		for (const id of [run!.id, newId(), 'no-id'])
			await expect(as(db, other, (tx) => listSkipTargets(tx, other, id))).rejects.toMatchObject({
				code: 'not_found'
			});
	});

	test('ENR-8: a row says until when it is paused', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId, leads } = await enrolled(db, world, chain('a', 'b'));
		const [run] = await runsOf(db, cadenceId);
		const until = new Date(Date.now() + 5 * 86_400_000);
		const rows = await as(db, world.actor, async (tx) => {
			await pauseEnrollments(tx, world.actor, { enrollmentIds: [run!.id], until });
			return listRecordCadences(tx, world.actor, leads[0]!);
		});
		expect(rows).toMatchObject([{ status: 'paused', pauseCauses: ['person'], pausedUntil: until }]);
	});

	test('CRM-8: each person has columns of their own, in their order, until they take the usual ones back', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const other = await makeUser(db, world.orgId, rep, 'Vera View');
		const read = (actor: typeof other) => as(db, actor, (tx) => getCadenceColumns(tx, actor));
		const choose = (columns: Parameters<typeof setCadenceColumns>[2]) =>
			as(db, other, (tx) => setCadenceColumns(tx, other, columns));
		await choose(['version', 'cadence']);
		expect(await read(other)).toEqual(['version', 'cadence']);
		expect(await read(world.actor)).toEqual(usualCadenceColumns);
		await expect(choose([])).rejects.toThrow('Keep at least one column.');
		await expect(choose(['status', 'status'])).rejects.toThrow('A column can be shown once.');
		await choose(null);
		expect(await read(other)).toEqual(usualCadenceColumns);
	});
});
