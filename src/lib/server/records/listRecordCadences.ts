import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { endReasons, enrollmentStatuses, pauseCauses } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { getRecord } from './getRecord.ts';
import { plannedAction, plannedActionSchema } from './plannedAction.ts';

const row = z.object({
	id: z.string(),
	cadenceId: z.string(),
	cadenceName: z.string(),
	cadenceState: z.enum(['draft', 'active', 'inactive']),
	version: z.number(),
	runNo: z.number(),
	status: z.enum(enrollmentStatuses),
	pauseCauses: z.array(z.enum(pauseCauses)),
	pausedUntil: z.coerce.date().nullable(),
	/** null: nobody; `source` says what did it. */
	enrolledByName: z.string().nullable(),
	source: z.string(),
	enrolledAt: z.coerce.date(),
	followUp: z.number(),
	current: plannedActionSchema,
	next: plannedActionSchema,
	dueAt: z.coerce.date().nullable(),
	/** Why a queued message has not left yet. */
	waitReason: z.string().nullable(),
	lastResponse: z.string().nullable(),
	lastResponseAt: z.coerce.date().nullable(),
	endedAt: z.coerce.date().nullable(),
	endedByName: z.string().nullable(),
	endReason: z.enum(endReasons).nullable(),
	endDetail: z.string().nullable()
});
export type RecordCadence = z.infer<typeof row>;

/** CRM-8: the Cadences related list of a record: live runs first, then the newest. One query. */
export async function listRecordCadences(
	tx: OrgTx,
	actor: Actor,
	recordId: string
): Promise<RecordCadence[]> {
	const { record } = await getRecord(tx, actor, recordId);
	const rows = await tx.execute(sql`
		select e.id, e.cadence_id as "cadenceId", c.name as "cadenceName", c.state as "cadenceState",
			v.n as version, e.run_no as "runNo", e.status, e.pause_causes as "pauseCauses",
			e.paused_until as "pausedUntil",
			by_user.name as "enrolledByName", e.source, e.enrolled_at as "enrolledAt", e.follow_up as "followUp",
			${plannedAction(sql`v.plan`, sql`e.current_action_id`)} as current,
			${plannedAction(sql`v.plan`, sql`e.next_action_id`)} as next, e.due_at as "dueAt",
			(select m.wait_reason from messages m where m.org_id = e.org_id and m.enrollment_id = e.id
				and m.run_no = e.run_no and m.status = 'queued' and m.wait_reason is not null limit 1) as "waitReason",
			e.last_response as "lastResponse", e.last_response_at as "lastResponseAt", e.ended_at as "endedAt",
			end_user.name as "endedByName", e.end_reason as "endReason", e.end_detail as "endDetail"
		from enrollments e
		join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
		left join users by_user on by_user.org_id = e.org_id and by_user.id = e.enrolled_by
		left join users end_user on end_user.org_id = e.org_id and end_user.id = e.ended_by
		where e.org_id = app.org_id() and e.record_id = ${record.id}::uuid
		order by (e.status in ('active', 'paused')) desc, e.enrolled_at desc, e.id`);
	return z.array(row).parse([...rows]);
}
