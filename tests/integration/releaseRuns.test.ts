import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import type { Run } from '../../src/lib/domain/enrollment/state.ts';
import { newRun, transition } from '../../src/lib/domain/enrollment/transition.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import type { OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { changeRuns } from '../../src/lib/server/enrollments/changeRuns.ts';
import { releaseRuns } from '../../src/lib/server/enrollments/releaseRuns.ts';
import { anyCommand, anyDelay, anyShape, contextOf, eventOf, planOf } from '../support/anyRun.ts';
import { describe, expect, test } from '../support/db.ts';
import { makeCadence, makeLeads, makeWorld, type World } from '../support/engineWorld.ts';
import type { TestDatabase } from '../support/db.ts';
import { as } from '../support/liveRuns.ts';

const start = Date.UTC(2026, 0, 5, 8);

/** A run of a random plan after a random life, halted with its cadence. */
const anyHalted = fc
	.record({
		shapes: fc.array(anyShape, { minLength: 1, maxLength: 5 }),
		entry: anyDelay,
		endAfterDays: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null, freq: 3 }),
		commands: fc.array(anyCommand, { maxLength: 12 }),
		halted: fc.array(anyCommand, { maxLength: 2 })
	})
	.map(({ shapes, entry, endAfterDays, commands, halted }) => {
		const plan = planOf(shapes, entry, endAfterDays);
		let now = start;
		let [run] = transition(newRun(), { kind: 'enroll' }, contextOf(plan, now));
		for (const command of commands) {
			now += command.wait;
			if (command.do !== 'unenroll' && command.do !== 'fail' && command.do !== 'restart')
				[run] = transition(run, eventOf(command, run, plan, now), contextOf(plan, now));
		}
		const halt = { kind: 'pause', cause: 'cadence_inactive' } as const;
		[run] = transition(run, halt, contextOf(plan, now));
		for (const command of halted)
			if (command.do === 'respond')
				[run] = transition(run, eventOf(command, run, plan, now), contextOf(plan, now));
		return { plan, run };
	})
	.filter(({ run }) => run.status === 'paused' && run.pauseCauses.includes('cadence_inactive'));

async function store(db: TestDatabase, world: World, all: { plan: Plan; run: Run }[]): Promise<string> {
	const { cadenceId } = await makeCadence(db, world, all[0]!.plan);
	const leads = await makeLeads(
		db,
		world,
		all.map(() => ({}))
	);
	const rows = all.map(({ plan, run }, i) => ({
		plan,
		n: i + 2,
		version: newId(),
		record: leads[i],
		causes: run.pauseCauses,
		race: run.race,
		frozen: run.frozen,
		done: run.done,
		current: run.race?.actionId ?? null
	}));
	const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
		as r(plan jsonb, n int, version uuid, record uuid, causes jsonb, race jsonb, frozen jsonb, done jsonb, current text)`;
	await db.admin.execute(sql`
		insert into cadence_versions (org_id, id, cadence_id, n, plan, plan_sha256, graph, doc_generation, doc_seq, published_by)
		select ${world.orgId}::uuid, r.version, ${cadenceId}::uuid, r.n, r.plan, r.version::text, v.graph, 1, 0, v.published_by
		from ${given}, cadence_versions v where v.cadence_id = ${cadenceId}::uuid`);
	await db.admin.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, status, pause_causes, race, frozen, done,
			current_action_id, follow_up)
		select ${world.orgId}::uuid, app.new_id(), ${cadenceId}::uuid, r.record, r.version, 'bulk', 'paused', r.causes, r.race, r.frozen,
			r.done, r.current, 1 from ${given}`);
	return cadenceId;
}

/** All that going on writes; instants counted from the moment it was done, which differs by design. */
const stored = (tx: OrgTx, cadenceId: string) =>
	tx.execute<{
		status: string;
		business: boolean;
		timed: Record<string, number> | null;
		due: number | null;
	}>(sql`
		select e.record_id, e.status, e.pause_causes, e.race - 'timed' - 'heldUntil' as race, e.frozen, e.next_branch_id, e.next_action_id, e.done,
			e.current_action_id, e.end_reason, e.version_id, v.log,
			c.plan::text like '%"unit": "business%' as business,
			(select jsonb_object_agg(t.key, t.value::float8 - v.at) from jsonb_each_text(e.race -> 'timed') t) as timed,
			round(extract(epoch from e.due_at) * 1000)::float8 - v.at as due
		from enrollments e
		cross join lateral (select max(round(extract(epoch from at) * 1000)::float8) as at, jsonb_agg(jsonb_build_array(kind, detail, action_id,
			first, actor_id, version_id, day, enrolled_day, follow_up) order by id) as log from events where enrollment_id = e.id) v
		join cadence_versions c on c.id = e.version_id
		where e.cadence_id = ${cadenceId}::uuid order by e.record_id`);

describe('DEA-2: going on after a reactivation', () => {
	test('DEA-2, ENR-9: over random plans and lives the database lets runs go on exactly as the core does', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const all = fc.sample(anyHalted, 400);
		const cadenceId = await store(db, world, all);
		const tried = async (release: (tx: OrgTx) => Promise<number>) => {
			const undo = new Error('undo');
			let rows: Awaited<ReturnType<typeof stored>> | undefined;
			const work = as(db, world.actor, async (tx) => {
				expect(await release(tx)).toBe(all.length);
				rows = await stored(tx, cadenceId);
				throw undo;
			});
			await expect(work).rejects.toBe(undo);
			// Business time from a moment outside opening hours ends at one instant, whenever that moment was.
			return rows!.map(({ business, timed, due, ...row }) =>
				business ? { ...row, timed: Object.keys(timed ?? {}) } : { ...row, timed, due }
			);
		};
		const resume = { kind: 'resume', cause: 'cadence_inactive' } as const;
		const ofCadence = sql`e.cadence_id = ${cadenceId}::uuid`;
		const core = await tried((tx) => changeRuns(tx, world.orgId, ofCadence, resume, world.actor.userId));
		const database = await tried((tx) => releaseRuns(tx, world.actor, cadenceId));
		expect(database).toEqual(core);
		expect(core.filter(({ status }) => status === 'active').length).toBeGreaterThan(100);
	});
});
