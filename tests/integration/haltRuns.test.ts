import { sql } from 'drizzle-orm';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import type { OrgTx } from '../../src/lib/server/db/client.ts';
import { changeRuns } from '../../src/lib/server/enrollments/changeRuns.ts';
import { haltRuns } from '../../src/lib/server/enrollments/haltRuns.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { shiftClock } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import { branch, days, email, makeWorld, planOf, runEngine, runsOf, task } from '../support/engineWorld.ts';
import { as, enrolled } from '../support/liveRuns.ts';

const created = { response: 'created' } as const;
const overdue = { response: 'overdue' } as const;
const businessDays = { amount: 2, unit: 'businessDays' } as const;

/** All that a pause writes, but for what differs by design: when. */
const stored = async (tx: OrgTx, cadenceId: string) => {
	const rows = await tx.execute<{
		frozen: Record<string, { remaining: number; business: boolean }> | null;
	}>(sql`
		select e.record_id, e.status, e.pause_causes, e.race - 'openedAt' - 'responses' - 'pausedAt' as race, e.race ? 'pausedAt' as since, e.next_branch_id, e.next_action_id,
			e.due_at, e.frozen, e.current_action_id, (select jsonb_agg(jsonb_build_array(v.kind, v.detail, v.action_id, v.first, v.actor_id,
				v.day, v.enrolled_day) order by v.id) from events v where v.enrollment_id = e.id and v.kind = 'paused') as log
		from enrollments e where e.cadence_id = ${cadenceId} order by e.record_id`);
	return rows.map((row) => ({
		...row,
		frozen:
			row.frozen &&
			Object.fromEntries(
				Object.entries(row.frozen).map(([id, { remaining, business }]) => [
					id,
					{ business, minutes: Math.round(remaining / 60_000) }
				])
			)
	}));
};

describe('DEA-1: halting a cadence', () => {
	test('DEA-1, ENR-9: the database works out what is left exactly as the core does, whatever the run waits for', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plans: Plan[] = [
			planOf([
				task('a', [branch('a', created, 'b', days(2)), branch('a', overdue, 'b', days(1))]),
				task('b')
			]),
			planOf([task('a')], {}, days(3)),
			planOf([task('a')], {}, businessDays),
			planOf([task('a', [branch('a', created, 'b', businessDays)]), task('b')]),
			planOf([task('a', [branch('a', overdue, 'b')]), task('b')], { endAfterDays: 9 }),
			planOf([task('a', [branch('a', overdue, 'b')]), task('b')]),
			planOf([
				email('m', [branch('m', { response: 'sent' }, 'b')], { templateId: world.templateId }),
				task('b')
			])
		];
		for (const plan of plans) {
			const { cadenceId } = await enrolled(db, world, plan, [
				{ data: { email: 'a@b.example' } },
				{ data: { email: 'c@b.example' } }
			]);
			const [first] = await runsOf(db, cadenceId);
			await as(db, world.actor, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds: [first!.id] }));
			const tried = async (halt: (tx: OrgTx) => Promise<number>) => {
				let rows: unknown;
				const undo = new Error('undo');
				const work = as(db, world.actor, async (tx) => {
					expect(await halt(tx)).toBe(2);
					rows = await stored(tx, cadenceId);
					throw undo;
				});
				await expect(work).rejects.toBe(undo);
				return rows;
			};
			const pause = { kind: 'pause', cause: 'cadence_inactive' } as const;
			const ofCadence = sql`e.cadence_id = ${cadenceId}::uuid`;
			const core = await tried((tx) => changeRuns(tx, world.orgId, ofCadence, pause, world.actor.userId));
			const database = await tried((tx) => haltRuns(tx, world.actor, cadenceId));
			expect(core).toMatchObject([{ status: 'paused' }, { status: 'paused' }]);
			expect(database).toEqual(core);
		}
		await runEngine(db);
	});

	test('ENR-9, EXE-3: after a response the wait for the next has its whole length left, however long a pause has made the one before', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([task('a', [branch('a', overdue, 'b')]), task('b')], { endAfterDays: 9 });
		const { cadenceId } = await enrolled(db, world, plan, [{}, {}]);
		const [byPerson, byCadence] = await runsOf(db, cadenceId);
		const enrollmentIds = [byPerson!.id, byCadence!.id];
		await as(db, world.actor, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds }));
		await shiftClock(db, '1 day');
		await as(db, world.actor, (tx) => resumeEnrollments(tx, world.actor, { enrollmentIds }));
		await shiftClock(db, '5 days');
		const answer = {
			kind: 'status',
			parameter: 'In progress',
			orgId: world.orgId,
			runNo: 1,
			actionId: 'a'
		} as const;
		await recordResponses(
			db.worker,
			enrollmentIds.map((enrollmentId) => ({ ...answer, enrollmentId }))
		);
		await runEngine(db);
		await as(db, world.actor, async (tx) => {
			await pauseEnrollments(tx, world.actor, { enrollmentIds: [byPerson!.id] });
			await haltRuns(tx, world.actor, cadenceId);
		});
		const left = await db.admin.execute<{ days: number }>(sql`
			select round((frozen -> 'end/no_response' ->> 'remaining')::numeric / 86400000, 2)::float8 as days
			from enrollments where cadence_id = ${cadenceId}`);
		await shiftClock(db, '0');
		expect(left).toEqual([{ days: 9 }, { days: 9 }]);
	});
});
