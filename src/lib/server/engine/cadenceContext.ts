import { sql } from 'drizzle-orm';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import type { DraftSettings } from '#lib/domain/cadence/draft.ts';
import type { LiveRules } from '#lib/domain/enrollment/runEvent.ts';
import type { BusinessHours, Calendar } from '#lib/domain/time/calendar.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { Executor } from '../db/client.ts';

/** What holds for every run of a cadence, whatever version it is pinned to (VER-3). */
export type CadenceContext = {
	orgId: string;
	id: string;
	moduleId: string;
	state: 'draft' | 'active' | 'inactive';
	deleted: boolean;
	enrollmentKind: 'manual' | 'view';
	/** null: never published. */
	activeVersionId: string | null;
	plan: Plan | null;
	viewId: string | null;
	viewCriteria: Criteria | null;
	viewRevision: number;
	activatedAt: number | null;
	nextScanAt: number | null;
	orgTimeZone: string;
	calendar: Calendar;
	/** Org-local date. */
	today: string;
};

type Row = {
	org_id: string;
	id: string;
	module_id: string;
	state: CadenceContext['state'];
	deleted: boolean;
	enrollment_kind: CadenceContext['enrollmentKind'];
	active_version_id: string | null;
	view_id: string | null;
	criteria: Criteria | null;
	revision: number | null;
	activated_at: number | null;
	next_scan_at: number | null;
	time_zone: string;
	business_hours: BusinessHours;
	holidays: string[];
	today: string;
};

export type CadenceKey = { orgId: string; cadenceId: string };

/** One statement for any number of cadences; plans come from the process's cache. Keyed by cadence id. */
export async function loadCadences(
	tx: Executor,
	keys: readonly CadenceKey[]
): Promise<Map<string, CadenceContext>> {
	const seen = new Map<string, CadenceKey>();
	for (const key of keys) if (!seen.has(key.cadenceId)) seen.set(key.cadenceId, key);
	const unique = [...seen.values()];
	if (!unique.length) return new Map();
	const rows = await tx.execute<Row>(sql`
		select c.org_id, c.id, c.module_id, c.state, c.deleted_at is not null as deleted, c.enrollment_kind,
			c.active_version_id, c.view_id, w.criteria, w.revision, o.time_zone, o.business_hours, o.holidays,
			round(extract(epoch from c.activated_at) * 1000)::float8 as activated_at,
			round(extract(epoch from c.next_scan_at) * 1000)::float8 as next_scan_at,
			to_char(app.local_day(app.now(), o.time_zone), 'YYYY-MM-DD') as today
		from jsonb_to_recordset(${JSON.stringify(unique)}::jsonb) as k("orgId" uuid, "cadenceId" uuid)
		join cadences c on c.org_id = k."orgId" and c.id = k."cadenceId"
		join organizations o on o.id = c.org_id
		left join views w on w.org_id = c.org_id and w.id = c.view_id`);
	const plans = await loadPlans(
		tx,
		rows.flatMap((row) =>
			row.active_version_id ? [{ orgId: row.org_id, versionId: row.active_version_id }] : []
		)
	);
	return new Map(rows.map((row) => [row.id, contextOf(row, plans)]));
}

const contextOf = (row: Row, plans: Map<string, Plan>): CadenceContext => ({
	orgId: row.org_id,
	id: row.id,
	moduleId: row.module_id,
	state: row.state,
	deleted: row.deleted,
	enrollmentKind: row.enrollment_kind,
	activeVersionId: row.active_version_id,
	plan: row.active_version_id ? (plans.get(row.active_version_id) ?? null) : null,
	viewId: row.view_id,
	viewCriteria: row.criteria,
	viewRevision: row.revision ?? 0,
	activatedAt: row.activated_at,
	nextScanAt: row.next_scan_at,
	orgTimeZone: row.time_zone,
	calendar: {
		orgTimeZone: row.time_zone,
		businessHours: row.business_hours,
		holidays: new Set(row.holidays)
	},
	today: row.today
});

/** UNE-1: the un-enroll properties that act on all live runs; null before the first publish. */
export const unenrollRules = (cadence: CadenceContext): DraftSettings['unenroll'] | null =>
	cadence.plan?.settings.unenroll ?? null;

export const liveRulesOf = (cadence: CadenceContext): LiveRules => ({
	lateReply: cadence.plan?.settings.lateReply ?? 'unenroll',
	outcomes: unenrollRules(cadence)?.outcomes ?? []
});
