import { sql } from 'drizzle-orm';
import type { Plan } from '../../../src/lib/domain/plan/plan.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { branch, days, email, planOf, task, type World } from '../../support/engineWorld.ts';

const created = { response: 'created' } as const;

/** A task with two ways on, one action further back, an e-mail that waits in the outbox. */
export const planWith = (
	world: World,
	over: { b?: string; c?: string; e?: string; wait?: number } = {}
): Plan =>
	planOf([
		task('a', [
			branch('a', created, 'b', days(over.wait ?? 3)),
			branch('a', { response: 'overdue' }, 'c', days(2)),
			branch('a', { response: 'status', parameter: 'Completed' }, 'mail')
		]),
		task('b', [branch('b', created, 'e', days(1))], { subject: over.b ?? 'B' }),
		task('c', [], { subject: over.c ?? 'C' }),
		email('mail', [branch('mail', { response: 'sent' }, 'e', days(4))], { templateId: world.templateId }),
		task('e', [], { subject: over.e ?? 'E' })
	]);

/** How many of every ten stand where. */
export const shares = { toB: 4, toC: 2, toE: 2, waits: 1, queued: 1 };

/**
 * `n` live runs as the engine leaves them, in five standings, each with its open task or queued e-mail. Written by
 * statements: how they got there is not what is measured.
 */
export async function seedRuns(
	db: TestDatabase,
	world: World,
	{ cadenceId, versionId, n }: { cadenceId: string; versionId: string; n: number }
): Promise<void> {
	const { orgId, moduleId, actor } = world;
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`alter table records disable trigger user`);
		await tx.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data, search)
			select ${orgId}::uuid, app.new_id(), ${moduleId}::uuid, 'Lead ' || i, ${actor.userId}::uuid,
				jsonb_build_object('lastName', 'Lead ' || i, 'email', 'lead' || i || '@reader.example'), 'lead ' || i
			from generate_series(1, ${n}::int) i`);
		await tx.execute(sql`alter table records enable trigger user`);
	});
	await db.admin.execute(sql`
		with r as (select id, row_number() over (order by id) % 10 as k from records where org_id = ${orgId}::uuid),
			t as (select round(extract(epoch from app.now()) * 1000)::bigint as now),
			s as (select id, now, case when k < 4 then 'toB' when k < 6 then 'toC' when k < 8 then 'toE'
				when k < 9 then 'waits' else 'queued' end as at from r, t)
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, race, done, current_action_id,
			next_branch_id, next_action_id, due_at, follow_up)
		select ${orgId}::uuid, app.new_id(), ${cadenceId}::uuid, s.id, ${versionId}::uuid, 'bulk',
			jsonb_build_object('actionId', x.action, 'openedAt', case when s.at <> 'queued' then now end, 'skipped', false,
				'responses', case when s.at = 'queued' then '{}' else jsonb_build_object('created', now) end,
				'timed', case when x.branch is null then '{}' else jsonb_build_object(x.branch, now + x.days * 86400000) end),
			case x.action when 'a' then '["a"]'::jsonb else jsonb_build_array('a', x.action) end, x.action, x.branch, x.target,
			case when x.branch is not null then app.now() + make_interval(days => x.days) end, 1
		from s join (values ('toB', 'a', 'a/created', 'b', 3), ('toC', 'a', 'a/overdue', 'c', 2), ('toE', 'b', 'b/created', 'e', 1),
			('waits', 'a', null, null, 0), ('queued', 'mail', null, null, 0)) as x(at, action, branch, target, days) on x.at = s.at`);
	// Without statistics the planner joins along the organization alone: 100,000 times 100,000.
	await db.admin.execute(sql`vacuum analyze records, enrollments`);
	await db.admin.execute(sql`
		insert into action_runs (org_id, id, enrollment_id, run_no, action_id, kind, status)
		select org_id, app.new_id(), id, 1, current_action_id, case current_action_id when 'mail' then 'email' else 'task' end,
			case current_action_id when 'mail' then 'queued' else 'executed' end
		from enrollments where cadence_id = ${cadenceId}::uuid`);
	await db.admin.execute(sql`vacuum analyze action_runs`);
	await db.admin.execute(sql`
		insert into activities (org_id, id, kind, record_id, owner_id, subject, status, due_at, action_run_id, enrollment_id, run_no,
			action_id)
		select a.org_id, a.id, 'task', e.record_id, ${actor.userId}::uuid, 'Task', 'Not started', app.now() + interval '1 day',
			a.id, e.id, 1, a.action_id
		from action_runs a join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
		where e.cadence_id = ${cadenceId}::uuid and a.kind = 'task'`);
	await db.admin.execute(sql`
		insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id,
			template_id, sender_id, to_address)
		select a.org_id, app.new_id(), 'email', a.id, e.id, 1, 'mail', e.cadence_id, e.record_id, ${world.templateId}::uuid,
			${world.senderId}::uuid, r.data ->> 'email'
		from action_runs a join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
		join records r on r.org_id = e.org_id and r.id = e.record_id
		where e.cadence_id = ${cadenceId}::uuid and a.kind = 'email'`);
	await db.admin.execute(sql`delete from record_changes where org_id = ${orgId}::uuid`);
	await db.admin.execute(sql`vacuum analyze enrollments, action_runs, activities, messages, records`);
}
