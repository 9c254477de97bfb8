import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

export type RecordAudit = {
	recordId: string;
	before?: unknown;
	after?: unknown;
	/** What made the change when no person did (`causeOf`). */
	cause?: string | undefined;
};

/** GRA-8: the action of a cadence as the author of a change; the timeline reads it back. */
export const causeOf = (run: { cadence_id: string; id: string; run_no: number }, actionId: string): string =>
	`cadence/${run.cadence_id}/${run.id}/${run.run_no}/${actionId}`;

type RecordAction = `record.${'create' | 'import' | 'update' | 'delete' | 'restore' | 'convert' | 'merge'}`;

/** CRM-4: one entry per changed record, in one statement however many there are. */
export async function auditRecords(
	tx: OrgTx,
	userId: string | null,
	action: RecordAction,
	entries: readonly RecordAudit[]
): Promise<void> {
	if (!entries.length) return;
	await tx.execute(sql`
		insert into audit_entries (org_id, id, at, actor_id, action, object_type, object_id, before, after,
			request_id)
		select app.org_id(), app.new_id(), now.at, ${userId}::uuid, ${action}::text, 'record', n.record_id, n.before, n.after, n.cause
		from jsonb_to_recordset(${JSON.stringify(
			entries.map(({ recordId, before, after, cause }) => ({ record_id: recordId, before, after, cause }))
		)}::jsonb) as n(record_id uuid, before jsonb, after jsonb, cause text), (select app.now() as at) as now`);
}
