import { sql } from 'drizzle-orm';
import { addDelay } from '#lib/domain/time/addDelay.ts';
import type { OrgTx } from '../db/client.ts';
import { readClock } from '../db/readClock.ts';
import { rowSet } from '../db/rowSet.ts';
import { failpoint } from '../failpoint.ts';
import type { CadenceContext } from './cadenceContext.ts';
import { zoneOr } from './recordFacts.ts';
import { iso } from './stepBatch.ts';

/** A record that has come into the view of a cadence; `zone`: its own time zone. */
export type EnrollPair = { cadence: CadenceContext; recordId: string; zone: string | null };

/**
 * ENR-2, ENR-4: as `enrollSet`, for a few records each of many cadences at once: one statement, so that fifty views cost
 * a change of records as much as one does. Who was excluded from a view (VER-5) stays out.
 * @returns how many were enrolled
 */
export async function enrollPairs(tx: OrgTx, pairs: readonly EnrollPair[]): Promise<number> {
	if (!pairs.length) return 0;
	const now = await readClock(tx);
	// One for all records of a cadence and zone.
	const known = new Map<string, string>();
	const dueOf = (cadence: CadenceContext, zone: string) => {
		const key = `${cadence.id}/${zone}`;
		let due = known.get(key);
		if (!due) known.set(key, (due = iso(addDelay(now, cadence.plan!.entry.delay, zone, cadence.calendar))));
		return due;
	};
	const rows = pairs.map(({ cadence, recordId, zone }) => {
		const { entry } = cadence.plan!;
		return {
			record: recordId,
			org: cadence.orgId,
			cadence: cadence.id,
			version: cadence.activeVersionId,
			branch: entry.id,
			action: entry.target,
			day: cadence.today,
			due: dueOf(cadence, zoneOr(zone, cadence.orgTimeZone))
		};
	});
	const made = await tx.execute(sql`
		with made as (
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, enrolled_at, next_branch_id,
				next_action_id, due_at)
			select r.org, app.new_id(), r.cadence, r.record, r.version, 'view', ${iso(now)}::timestamptz, r.branch, r.action, r.due
			from ${rowSet(rows, {
				own: { record: 'uuid' },
				shared: {
					org: 'uuid',
					cadence: 'uuid',
					version: 'uuid',
					branch: 'text',
					action: 'text',
					day: 'date'
				},
				mixed: { due: 'timestamptz' }
			})}
			where not exists (select 1 from view_exclusions x
				where x.org_id = r.org and x.cadence_id = r.cadence and x.record_id = r.record)
			-- In one order, so that two who enroll the same records wait for each other instead of both.
			order by r.cadence, r.record
			on conflict do nothing
			returning org_id, id, cadence_id, version_id, record_id
		), days as (
			select * from jsonb_to_recordset(${JSON.stringify(daysOf(rows))}::jsonb) as d(cadence uuid, day date)
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, enrolled_day, day)
			select m.org_id, ${iso(now)}::timestamptz, m.cadence_id, m.version_id, m.id, 1, m.record_id, 'enrolled', 'view', d.day, d.day
			from made m join days d on d.cadence = m.cadence_id
		), counted as (
			insert into report_deltas (org_id, cadence_id, version_id, kind, detail, first, day, enrolled_day, count)
			select m.org_id, m.cadence_id, m.version_id, 'enrolled', 'view', true, d.day, d.day, count(*)
			from made m join days d on d.cadence = m.cadence_id group by 1, 2, 3, 7
		)
		select 1 from made`);
	if (made.length) failpoint('enroll.inserted');
	return made.length;
}

const daysOf = (rows: readonly { cadence: string; day: string }[]) =>
	[...new Map(rows.map(({ cadence, day }) => [cadence, day]))].map(([cadence, day]) => ({ cadence, day }));
