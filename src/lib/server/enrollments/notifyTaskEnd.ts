import { sql } from 'drizzle-orm';
import { taskSummary } from '#lib/domain/enrollment/taskSummary.ts';
import type { OrgTx } from '../db/client.ts';
import type { TaskKind } from './startBackgroundTask.ts';

const titles: Readonly<Record<TaskKind, string>> = {
	enroll: 'Enroll',
	unenroll: 'Un-enroll',
	pause: 'Pause',
	resume: 'Resume',
	restart: 'Restart',
	skip: 'Skip forward',
	updateRecords: 'Changing records',
	deleteRecords: 'Deleting records'
};

type Ended = {
	kind: string;
	created_by: string;
	status: 'done' | 'failed';
	result: unknown;
	error: string | null;
};

/** ENR-1: the bell tells whoever started long work that it has ended, once, with its result and where to see it. */
export async function notifyTaskEnd(tx: OrgTx, orgId: string, taskId: string): Promise<void> {
	const [task] = await tx.execute<Ended>(sql`
		select kind, created_by, status, result, error from background_tasks
		where org_id = ${orgId}::uuid and id = ${taskId}::uuid`);
	if (!task) return;
	const cadence = await cadenceOf(tx, orgId, taskId);
	const word = titles[task.kind as TaskKind] ?? 'Background work';
	const title = `${word} ${task.status === 'done' ? 'finished' : 'stopped'}${cadence ? `: ${cadence.name}` : ''}`;
	const summary = taskSummary(task.result);
	const body = [task.error, summary && `${summary}.`].filter(Boolean).join(' ');
	await tx.execute(sql`
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		values (${orgId}::uuid, app.new_id(), ${task.created_by}::uuid, 'background_done', left(${title}, 200),
			left(${body}, 500), ${cadence ? `/cadences/${cadence.id}/enrollments` : null}, ${`task:${taskId}`}, app.now())
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing`);
}

/** The cadence that the work was about, when it is one. */
async function cadenceOf(
	tx: OrgTx,
	orgId: string,
	taskId: string
): Promise<{ id: string; name: string } | null> {
	// What was stored may be damaged, which must not keep anybody from being told. Read apart once: taken out of the stored value for each of 10,000 ids, that value was unpacked 10,000 times (25 s).
	const rows = await tx.execute<{ id: string; name: string }>(sql`
		with t as materialized (
			select input ->> 'cadenceId' as cadence,
				case jsonb_typeof(input -> 'enrollmentIds') when 'array' then input -> 'enrollmentIds' end as ids from background_tasks
			where org_id = ${orgId}::uuid and id = ${taskId}::uuid
		), named as (
			select cadence::uuid as id from t where pg_input_is_valid(cadence, 'uuid')
			union
			select e.cadence_id from t cross join lateral jsonb_array_elements_text(t.ids) as k(id)
			join enrollments e on e.org_id = ${orgId}::uuid
				and e.id = case when pg_input_is_valid(k.id, 'uuid') then k.id::uuid end where t.cadence is null
		)
		select c.id, c.name from named join cadences c on c.org_id = ${orgId}::uuid and c.id = named.id
		where c.deleted_at is null limit 2`);
	return rows.length === 1 ? rows[0]! : null;
}
