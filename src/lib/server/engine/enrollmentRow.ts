import { sql } from 'drizzle-orm';
import type { EndReason, EnrollmentStatus, PauseCause, Race, Run } from '#lib/domain/enrollment/state.ts';

/** The columns of an enrollment (alias `e`) that the engine reads. Instants travel as epoch ms; `date_part`, because `extract` reckons in numeric. */
export const enrollmentColumns = sql`e.id, e.org_id, e.cadence_id, e.record_id, e.version_id, e.run_no, e.status,
	e.pause_causes, e.race, e.next_branch_id, e.next_action_id, e.frozen, e.done, e.follow_up, e.end_reason, e.end_detail,
	round(date_part('epoch', e.due_at) * 1000) as due_at,
	round(date_part('epoch', e.enrolled_at) * 1000) as enrolled_at,
	round(date_part('epoch', e.ended_at) * 1000) as ended_at`;

export type EnrollmentRow = {
	id: string;
	org_id: string;
	cadence_id: string;
	record_id: string;
	version_id: string;
	run_no: number;
	status: EnrollmentStatus;
	pause_causes: PauseCause[];
	race: Race | null;
	next_branch_id: string | null;
	next_action_id: string | null;
	frozen: Run['frozen'];
	done: string[];
	follow_up: number;
	end_reason: EndReason | null;
	end_detail: string | null;
	due_at: number | null;
	enrolled_at: number;
	ended_at: number | null;
} & Record<string, unknown>;

/**
 * The run as `transition` knows it. `due_at` is never in the past when written; the race keeps the exact time of its
 * branches, and of the wait for any response where it is another (EXE-3).
 */
export function runOf(row: EnrollmentRow): Run {
	const dueAt = row.next_branch_id === null ? null : (row.race?.timed[row.next_branch_id] ?? row.due_at);
	return {
		runNo: row.run_no,
		status: row.status,
		pauseCauses: row.pause_causes,
		race: row.race,
		next: row.next_branch_id === null || dueAt === null ? null : { branchId: row.next_branch_id, dueAt },
		done: row.done,
		endedAt: row.ended_at,
		endReason: row.end_reason,
		endDetail: row.end_detail,
		frozen: row.frozen
	};
}
