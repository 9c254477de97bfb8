import { sql, type SQL } from 'drizzle-orm';
import type { EnrollSource } from '#lib/domain/enrollment/enrollSource.ts';
import { nameOf } from '#lib/domain/enrollment/explain.ts';
import type { EndReason, EnrollmentStatus, PauseCause } from '#lib/domain/enrollment/state.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';

/** CRM-8: what a page shows of one enrollment. Instants are ISO texts. */
export type EnrollmentView = {
	id: string;
	cadenceId: string;
	cadenceName: string;
	recordId: string;
	recordName: string;
	moduleKey: string;
	status: EnrollmentStatus;
	pauseCauses: PauseCause[];
	pausedUntil: string | null;
	runNo: number;
	version: number;
	enrolledAt: string;
	/** null: nobody; `source` says what did it. */
	enrolledBy: string | null;
	source: EnrollSource;
	/** "Follow-up 2 · Call"; null before the first action. */
	currentAction: string | null;
	followUp: number;
	nextAction: string | null;
	dueAt: string | null;
	lastResponse: string | null;
	lastResponseAt: string | null;
	endedAt: string | null;
	endedBy: string | null;
	endReason: EndReason | null;
	endDetail: string | null;
	/** Why the engine set it aside. */
	quarantineReason: string | null;
};

type Row = Omit<EnrollmentView, 'currentAction' | 'nextAction'> & {
	versionId: string;
	orgId: string;
	currentActionId: string | null;
	nextActionId: string | null;
};

const at = (column: SQL) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Reads enrollments that `from` (a relation `e` with the columns of enrollments) yields, in `order`. */
export async function readEnrollmentViews(tx: OrgTx, from: SQL, order: SQL): Promise<EnrollmentView[]> {
	const rows = await tx.execute<Row>(sql`
		select e.id, e.org_id as "orgId", e.cadence_id as "cadenceId", c.name as "cadenceName", e.record_id as "recordId",
			r.name as "recordName", m.key as "moduleKey", e.status, e.pause_causes as "pauseCauses",
			${at(sql`e.paused_until`)} as "pausedUntil", e.run_no as "runNo", e.version_id as "versionId", v.n as version,
			${at(sql`e.enrolled_at`)} as "enrolledAt", b.name as "enrolledBy", e.source, e.current_action_id as "currentActionId",
			e.follow_up as "followUp", e.next_action_id as "nextActionId", ${at(sql`e.due_at`)} as "dueAt",
			e.last_response as "lastResponse", ${at(sql`e.last_response_at`)} as "lastResponseAt",
			${at(sql`e.ended_at`)} as "endedAt", x.name as "endedBy", e.end_reason as "endReason", e.end_detail as "endDetail",
			e.quarantine_reason as "quarantineReason"
		from ${from}
		join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
		join records r on r.org_id = e.org_id and r.id = e.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		left join users b on b.org_id = e.org_id and b.id = e.enrolled_by
		left join users x on x.org_id = e.org_id and x.id = e.ended_by
		order by ${order}`);
	const plans = await loadPlans(tx, rows);
	return rows.map(({ currentActionId, nextActionId, versionId, orgId: _, ...row }) => {
		const nodes = plans.get(versionId)?.nodes ?? {};
		const named = (id: string | null) => {
			const node = id === null ? undefined : nodes[id];
			return node ? nameOf(node) : null;
		};
		return {
			...row,
			currentAction: named(currentActionId),
			nextAction: named(nextActionId)
		};
	});
}
