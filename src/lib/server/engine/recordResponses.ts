import { sql } from 'drizzle-orm';
import type { ResponseKind } from '#lib/domain/cadence/responses.ts';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { Executor } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
import { enqueue } from '../jobs.ts';

/** What a failed hand-over says: the reason the run ends with when no branch takes it, and words for people. */
type FailureDetail = { reason: EndReason; text?: string };

export type NewResponse = {
	orgId: string;
	enrollmentId: string;
	runNo: number;
	actionId: string;
	kind: ResponseKind;
	/** Link index, button, call result, task status, hard / soft. */
	parameter?: string | null;
	/** EXE-7: an open or click by a scanner: recorded, fires and cancels nothing. */
	machine?: boolean;
	detail?: FailureDetail | Record<string, unknown> | null;
	/** The user who caused it (a call result, a task status). */
	actorId?: string | null;
};

/**
 * The only door by which channels and activities tell the engine what came back (GRA-7). Runs in the caller's
 * transaction; the time of receipt is the database's. The engine applies waiting responses in order, and before
 * anything that is due.
 */
export async function recordResponses(tx: Executor, rows: readonly NewResponse[]): Promise<void> {
	if (!rows.length) return;
	await executePrepared(
		tx,
		sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind, parameter, machine, detail, actor_id, at)
		select r."orgId", r."enrollmentId", r."runNo", r."actionId", r.kind, r.parameter, coalesce(r.machine, false),
			r.detail, r."actorId", app.now()
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("orgId" uuid, "enrollmentId" uuid, "runNo" int,
			"actionId" text, kind text, parameter text, machine boolean, detail jsonb, "actorId" uuid)`
	);
	await enqueue(tx, 'advance', {}, { key: 'advance' });
}
