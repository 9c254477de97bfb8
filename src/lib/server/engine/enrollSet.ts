import { sql, type SQL } from 'drizzle-orm';
import type { EnrollSource } from '#lib/domain/enrollment/enrollSource.ts';
import { skipId } from '#lib/domain/enrollment/branches.ts';
import { addDelay } from '#lib/domain/time/addDelay.ts';
import { immediately } from '#lib/domain/time/delay.ts';
import type { OrgTx } from '../db/client.ts';
import { readClock } from '../db/readClock.ts';
import { failpoint } from '../failpoint.ts';
import type { CadenceContext } from './cadenceContext.ts';
import { iso } from './stepBatch.ts';
import { zoneOr } from './recordFacts.ts';

/**
 * ENR-1..ENR-5: enrolls records, in one statement with log and counts. `chosen` selects `id`, `time_zone` and `outcome` of
 * those that are looked at; who has the outcome `ok` comes in. The caller has excluded who must not (ENR-3) and holds the
 * cadence's shared lock. Records that have or had a run in the cadence are left alone by the unique key, whatever races
 * happen.
 * @param answer what to select of `chosen` and of `made` (the new runs, by `record_id`)
 */
export async function enrollSet<Row extends Record<string, unknown>>(
	tx: OrgTx,
	cadence: CadenceContext,
	chosen: SQL,
	by: { source: EnrollSource; userId: string | null; startAt?: string | null },
	answer: SQL
): Promise<Row[]> {
	const { plan, activeVersionId } = cadence;
	if (!plan || !activeVersionId) throw new Error('Only a published cadence enrolls.');
	const startAt = by.startAt ?? null;
	// Read once, since the zones are needed before.
	const read = entersByZone(cadence, startAt) ? await tx.execute<Chosen>(chosen) : null;
	const from = read ? again(read) : chosen;
	const due = await entryDue(
		tx,
		cadence,
		startAt,
		read?.map((row) => row.time_zone)
	);
	const rows = await tx.execute<Row>(sql`
		with chosen as materialized (${from}), made as (
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, enrolled_by, enrolled_at,
				next_branch_id, next_action_id, due_at)
			select ${cadence.orgId}::uuid, app.new_id(), ${cadence.id}::uuid, c.id, ${activeVersionId}::uuid, ${by.source},
				${by.userId}::uuid, ${due.now}::timestamptz, ${due.branchId}, ${due.actionId},
				coalesce(z.due, ${due.otherwise}::timestamptz)
			from chosen c
			left join jsonb_to_recordset(${JSON.stringify(due.byZone)}::jsonb) as z(zone text, due timestamptz)
				on z.zone = c.time_zone
			where c.outcome = 'ok'
			-- In one order, so that two who enroll the same records wait for each other instead of both.
			order by c.id
			on conflict do nothing
			returning id, record_id
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, actor_id,
				enrolled_day, day)
			select ${cadence.orgId}::uuid, ${due.now}::timestamptz, ${cadence.id}::uuid, ${activeVersionId}::uuid, m.id, 1, m.record_id,
				'enrolled', ${by.source}, ${by.userId}::uuid, ${cadence.today}::date, ${cadence.today}::date
			from made m
		), counted as (
			insert into report_deltas (org_id, cadence_id, version_id, kind, detail, first, day, enrolled_day, count)
			select ${cadence.orgId}::uuid, ${cadence.id}::uuid, ${activeVersionId}::uuid, 'enrolled', ${by.source}, true,
				${cadence.today}::date, ${cadence.today}::date, count(*)
			from made having count(*) > 0
		)
		select ${answer}`);
	failpoint('enroll.inserted');
	return [...rows] as Row[];
}

type Chosen = { id: string; time_zone: string | null; outcome: string };

/** What was read once, as a relation again. */
const again = (rows: readonly Chosen[]): SQL => {
	const of = (key: keyof Chosen) => sql.param(rows.map((row) => row[key]));
	return sql`select * from unnest(${of('id')}::uuid[], ${of('time_zone')}::text[], ${of('outcome')}::text[])
		as c(id, time_zone, outcome)`;
};

const entryDelay = ({ plan }: CadenceContext, startAt: string | null) =>
	startAt === null ? plan!.entry.delay : immediately;

/** Whether the wall clock decides when the first action is due, so that it differs by the time zone of the record. */
export function entersByZone(cadence: CadenceContext, startAt: string | null): boolean {
	const { at, weekdays, window, unit } = entryDelay(cadence, startAt);
	return Boolean(at ?? weekdays ?? window ?? /^(days|weeks|months)$/.test(unit));
}

/**
 * GRA-1, GRA-5, ENR-8: which action comes first, and when it is due: one time for all, or one per time zone of `zones`, those
 * of the records where the wall clock matters (`entersByZone`).
 */
export async function entryDue(
	tx: OrgTx,
	cadence: CadenceContext,
	startAt: string | null,
	zones: readonly (string | null)[] = []
) {
	const { entry } = cadence.plan!;
	const delay = entryDelay(cadence, startAt);
	const now = await readClock(tx);
	const at = (zone: string) => iso(addDelay(now, delay, zone, cadence.calendar));
	return {
		...(startAt === null
			? { branchId: entry.id, actionId: entry.target }
			: { branchId: skipId(startAt), actionId: startAt }),
		now: iso(now),
		otherwise: at(cadence.orgTimeZone),
		byZone: [...new Set(zones)]
			.filter((zone) => zone !== null)
			.map((zone) => ({ zone, due: at(zoneOr(zone, cadence.orgTimeZone)) }))
	};
}
