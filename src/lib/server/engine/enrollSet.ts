import { sql, type SQL } from 'drizzle-orm';
import type { EnrollSource } from '#lib/domain/enrollment/enrollSource.ts';
import { skipId } from '#lib/domain/enrollment/branches.ts';
import { addDelay } from '#lib/domain/time/addDelay.ts';
import { immediately } from '#lib/domain/time/delay.ts';
import type { OrgTx } from '../db/client.ts';
import { failpoint } from '../failpoint.ts';
import type { CadenceContext } from './cadenceContext.ts';
import { iso } from './stepBatch.ts';
import { zoneOr } from './recordFacts.ts';

/**
 * ENR-1..ENR-5: enrolls the records that a `where` over the alias `r` selects, in one statement with log and counts. The
 * caller has excluded who must not come in (ENR-3) and holds the cadence's shared lock. Records that have or had a run
 * in the cadence are left alone by the unique key, whatever races happen.
 * @returns the ids of the records that were enrolled
 */
export async function enrollSet(
	tx: OrgTx,
	cadence: CadenceContext,
	records: SQL,
	by: { source: EnrollSource; userId: string | null; startAt?: string | null }
): Promise<string[]> {
	const { plan, activeVersionId } = cadence;
	if (!plan || !activeVersionId) throw new Error('Only a published cadence enrolls.');
	const due = await entryDue(tx, cadence, records, by.startAt);
	const rows = await tx.execute<{ record_id: string }>(sql`
		with made as (
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, enrolled_by, enrolled_at,
				next_branch_id, next_action_id, due_at)
			select r.org_id, app.new_id(), ${cadence.id}::uuid, r.id, ${activeVersionId}::uuid, ${by.source}, ${by.userId}::uuid,
				${due.now}::timestamptz, ${due.branchId}, ${due.actionId}, coalesce(z.due, ${due.otherwise}::timestamptz)
			from records r
			left join jsonb_to_recordset(${JSON.stringify(due.byZone)}::jsonb) as z(zone text, due timestamptz)
				on z.zone = r.time_zone
			where r.org_id = ${cadence.orgId}::uuid and r.module_id = ${cadence.moduleId}::uuid and ${records}
			-- In one order, so that two who enroll the same records wait for each other instead of both.
			order by r.id
			on conflict do nothing
			returning org_id, id, record_id
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, actor_id,
				enrolled_day, day)
			select m.org_id, ${due.now}::timestamptz, ${cadence.id}::uuid, ${activeVersionId}::uuid, m.id, 1, m.record_id, 'enrolled',
				${by.source}, ${by.userId}::uuid, ${cadence.today}::date, ${cadence.today}::date
			from made m
		), counted as (
			insert into report_deltas (org_id, cadence_id, version_id, kind, detail, first, day, enrolled_day, count)
			select ${cadence.orgId}::uuid, ${cadence.id}::uuid, ${activeVersionId}::uuid, 'enrolled', ${by.source}, true,
				${cadence.today}::date, ${cadence.today}::date, count(*)
			from made having count(*) > 0
		)
		select record_id from made`);
	if (rows.length) failpoint('enroll.inserted');
	return rows.map((row) => row.record_id);
}

/** GRA-1, GRA-5, ENR-8: which action comes first, and when it is due: one time for all, or one per time zone where the wall clock matters. */
export async function entryDue(
	tx: OrgTx,
	cadence: CadenceContext,
	records: SQL,
	startAt: string | null = null
) {
	const { entry } = cadence.plan!;
	const delay = startAt === null ? entry.delay : immediately;
	const local = delay.at ?? delay.weekdays ?? delay.window ?? /^(days|weeks|months)$/.test(delay.unit);
	const zones = local
		? await tx.execute<{ zone: string }>(sql`
			select distinct r.time_zone as zone from records r
			where r.org_id = ${cadence.orgId}::uuid and r.module_id = ${cadence.moduleId}::uuid and r.time_zone is not null
				and ${records}`)
		: [];
	const [clock] = await tx.execute<{ now: number }>(
		sql`select round(extract(epoch from app.now()) * 1000)::float8 as now`
	);
	const now = clock!.now;
	const at = (zone: string) => iso(addDelay(now, delay, zone, cadence.calendar));
	return {
		...(startAt === null
			? { branchId: entry.id, actionId: entry.target }
			: { branchId: skipId(startAt), actionId: startAt }),
		now: iso(now),
		otherwise: at(cadence.orgTimeZone),
		byZone: zones.map(({ zone }) => ({ zone, due: at(zoneOr(zone, cadence.orgTimeZone)) }))
	};
}
