import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { inlineLimit } from '../../../src/lib/server/enrollments/enrollInput.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	days,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	task
} from '../../support/engineWorld.ts';

/**
 * Runs whose next step, a task for one half and a mail for the other, is due at random instants of the next
 * `withinSeconds`. A trigger writes down when the database saw each step begin.
 */
export async function makeDueSoon(
	db: TestDatabase,
	options: { runs: number; afterSeconds: number; withinSeconds: number }
): Promise<{ orgId: string }> {
	const world = await makeWorld(db);
	const { orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = 100000 where id = ${orgId}`);
	const first = (target: string) =>
		task('first', [branch('first', { response: 'created' }, target, days(1))]);
	const plans = [
		planOf([first('step'), task('step')]),
		planOf([first('step'), email('step', [], { templateId, sender: { kind: 'sender', senderId } })])
	];
	const half = Math.ceil(options.runs / 2);
	for (const [p, plan] of plans.entries()) {
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: p ? options.runs - half : half }, (_, i) => ({
				data: { email: `soon${p}-${i}@people.example` }
			}))
		);
		for (let at = 0; at < ids.length; at += inlineLimit)
			await withOrg(db.web, orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids: ids.slice(at, at + inlineLimit) } })
			);
	}
	await runEngine(db);
	await db.admin.execute(
		sql`create table steps_begun (enrollment_id uuid, at timestamptz default clock_timestamp())`
	);
	await db.admin.execute(sql`create table steps_due (enrollment_id uuid primary key, due_at timestamptz)`);
	await db.admin.execute(sql`
		create function note_step() returns trigger language plpgsql security definer as $$ begin
			insert into steps_begun (enrollment_id) values (new.enrollment_id);
			return null;
		end $$`);
	await db.admin.execute(sql`
		create trigger note after insert on action_runs for each row when (new.action_id = 'step') execute function note_step()`);
	// The race says when its branch is due; the column is what the engine searches by.
	await db.admin.execute(sql`
		update enrollments e set due_at = x.due, race = jsonb_set(e.race, array['timed', e.next_branch_id],
			to_jsonb(round(extract(epoch from x.due) * 1000)))
		from (select id, date_trunc('milliseconds', clock_timestamp()
				+ make_interval(secs => ${options.afterSeconds} + random() * ${options.withinSeconds})) as due
			from enrollments where org_id = ${orgId}) x
		where e.org_id = ${orgId} and e.id = x.id`);
	await db.admin.execute(
		sql`insert into steps_due select id, due_at from enrollments where org_id = ${orgId}`
	);
	return { orgId };
}

export type Punctuality = { begun: number; early: number; medianLateMs: number; maxLateMs: number };

/** Rounding of the stored instants, which are milliseconds. */
const ROUNDING_MS = 1;

export async function readPunctuality(db: TestDatabase): Promise<Punctuality> {
	const [row] = await db.admin.execute<Punctuality>(sql`
		select count(*)::int as begun, count(*) filter (where late < ${-ROUNDING_MS})::int as early,
			coalesce(round(percentile_cont(0.5) within group (order by late)), 0)::float8 as "medianLateMs",
			coalesce(round(max(late)), 0)::float8 as "maxLateMs"
		from (select extract(epoch from b.at - d.due_at) * 1000 as late from steps_begun b join steps_due d using (enrollment_id)) x`);
	return row!;
}
