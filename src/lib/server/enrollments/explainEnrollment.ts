import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { endReasonText } from '#lib/domain/enrollment/endReasonText.ts';
import { explainRun, type ExplainFacts } from '#lib/domain/enrollment/explain.ts';
import { isId } from '#lib/domain/ids.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from '../engine/enrollmentRow.ts';

type Row = EnrollmentRow & {
	cadence: ExplainFacts['cadence'];
	quarantine_reason: string | null;
	paused_until: number | null;
	message: { status: string; waitReason: string | null; notBefore: number; errorText: string | null } | null;
	webhook: ExplainFacts['webhook'];
	waiting: number;
	now: number;
	module_key: string;
};

const noEnrollment = () => new DomainError('not_found', 'There is no such enrollment.');

/**
 * ENR-8: "Why is it not moving?" in one sentence, times in the asker's zone. Permission VIEW.
 * @throws forbidden, not_found
 */
export async function explainEnrollment(tx: OrgTx, actor: Actor, enrollmentId: string): Promise<string> {
	requirePermission(actor, 'cadences.view');
	if (!isId(enrollmentId)) throw noEnrollment();
	const owner = visibleOwner(actor);
	const [row] = await tx.execute<Row>(sql`
		select ${enrollmentColumns}, case when c.deleted_at is not null then 'deleted' else c.state end as cadence,
			e.quarantine_reason, round(extract(epoch from e.paused_until) * 1000)::float8 as paused_until,
			(select jsonb_build_object('status', m.status, 'waitReason', m.wait_reason, 'errorText', m.error_text,
				'notBefore', round(extract(epoch from m.not_before) * 1000)::float8)
			from messages m where m.org_id = e.org_id and m.enrollment_id = e.id and m.run_no = e.run_no
				and m.action_id = e.current_action_id) as message,
			(select jsonb_build_object('status', w.status, 'waitReason', w.wait_reason, 'lastError', w.last_error,
				'notBefore', round(extract(epoch from w.not_before) * 1000)::float8)
			from webhook_calls w where w.org_id = e.org_id and w.enrollment_id = e.id and w.run_no = e.run_no
				and w.action_id = e.current_action_id) as webhook,
			(select count(*)::int from responses w where w.enrollment_id = e.id and w.quarantined_at is null) as waiting,
			round(extract(epoch from app.now()) * 1000)::float8 as now, d.key as module_key
		from enrollments e
		join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		join records r on r.org_id = e.org_id and r.id = e.record_id
		join modules d on d.org_id = r.org_id and d.id = r.module_id
		where e.org_id = ${actor.orgId}::uuid and e.id = ${enrollmentId}::uuid
			and (${owner}::uuid is null or r.owner_id = ${owner}::uuid)`);
	const plan =
		row && (await loadPlans(tx, [{ orgId: actor.orgId, versionId: row.version_id }])).get(row.version_id);
	if (!row || !plan) throw noEnrollment();
	requireModule(actor, row.module_key, 'view');
	const format = new Intl.DateTimeFormat('en-US', {
		dateStyle: 'medium',
		timeStyle: 'short',
		timeZone: actor.timeZone
	});
	return explainRun({
		run: runOf(row),
		plan,
		cadence: row.cadence,
		quarantineReason: row.quarantine_reason,
		pausedUntil: row.paused_until,
		message: row.message,
		webhook: row.webhook,
		waitingResponses: row.waiting,
		now: row.now,
		formatTime: (at) => format.format(at),
		reasonText: (reason) => endReasonText[reason]
	});
}
