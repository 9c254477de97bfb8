import { sql } from 'drizzle-orm';
import type { DraftSettings } from '#lib/domain/cadence/draft.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { nextScanAt } from '#lib/domain/enrollment/nextScan.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { nilId } from '../db/id.ts';
import { resumePaused } from '../enrollments/resumeEnrollments.ts';
import { failpoint } from '../failpoint.ts';
import { enqueueScan } from '../jobs.ts';
import { lockShared } from './activeCadences.ts';
import { forgetPassMarks } from './passMarks.ts';
import { iso } from './stepBatch.ts';

/**
 * The engine's part of the minute's sweep (RELIABILITY.md 2.2): by state and age, never by what somebody saw happen, so
 * that whatever was lost is found again. Each part is its own transaction.
 */
export async function sweepEngine(db: Db, { atOnce = 10_000 } = {}): Promise<void> {
	const failed = await db.transaction(scheduleScans);
	failpoint('sweep.scheduled');
	// Whoever was paused in bulk until one instant goes on in one sweep.
	for (let after: string | undefined = nilId; after;) {
		const pauses = await resumeExpiredPauses(db, after, atOnce);
		failed.push(...pauses.failed);
		after = pauses.last;
	}
	await db.transaction(async (tx) => {
		// Responses of runs that are gone with their organization would wait for ever at the head of the inbox.
		await tx.execute(sql`
			delete from responses where id in (
				select w.id from responses w where w.at < app.now() - interval '1 hour'
					and not exists (select 1 from enrollments e where e.id = w.enrollment_id)
				order by w.id limit 1000)`);
		await forgetPassMarks(tx);
		await tx.execute(sql`select app.ensure_event_partitions(app.now()::date, 3)`);
	});
	if (failed.length) throw failed[0];
}

type Scanned = {
	org_id: string;
	id: string;
	/** Published, or its view was changed, since the last scan. */
	changed: boolean;
	next: number | null;
	now: number;
	settings: Pick<DraftSettings, 'scan' | 'unenroll'>;
	criteria: Criteria | null;
	activated_at: number | null;
	time_zone: string;
};

/**
 * ENR-2, UNE-1 (b), VER-3: cadences whose time has come, or whose view or version changed since their last scan. Of each
 * published cadence of all organizations no more than decides that: with their plans they would fill the process.
 * @returns why some have no next time; the others have theirs
 */
async function scheduleScans(tx: OrgTx): Promise<unknown[]> {
	const rows = await tx.execute<Scanned>(sql`
		select c.org_id, c.id, coalesce(c.scanned_at < greatest(c.published_at, w.modified_at), c.scanned_at is null) as changed,
			round(extract(epoch from c.next_scan_at) * 1000)::float8 as next, n.now, s.settings, w.criteria,
			round(extract(epoch from c.activated_at) * 1000)::float8 as activated_at, o.time_zone
		from (select round(extract(epoch from app.now()) * 1000)::float8 as now offset 0) n
		cross join cadences c
		join organizations o on o.id = c.org_id
		join cadence_versions v on v.org_id = c.org_id and v.id = c.active_version_id
		cross join lateral (select v.plan -> 'settings' as settings offset 0) s
		left join views w on w.org_id = c.org_id and w.id = c.view_id
		where c.deleted_at is null order by c.id`);
	const waiting: { o: string; c: string; at: string }[] = [];
	const failed: unknown[] = [];
	for (const row of rows) {
		const { org_id: orgId, id: cadenceId, now } = row;
		if (row.changed || (row.next !== null && row.next <= now)) {
			await enqueueScan(tx, { orgId, cadenceId });
			continue;
		}
		const { settings, criteria: viewCriteria, activated_at: activatedAt, time_zone: orgTimeZone } = row;
		try {
			const next = nextScanAt({ settings, viewCriteria, activatedAt, orgTimeZone }, now);
			if (next !== null && (row.next === null || next < row.next))
				waiting.push({ o: orgId, c: cadenceId, at: iso(next) });
		} catch (error) {
			// A zone that only the database knows, an instant that no calendar has.
			failed.push(error);
		}
	}
	if (waiting.length)
		await tx.execute(sql`
			update cadences c set next_scan_at = k.at
			from jsonb_to_recordset(${JSON.stringify(waiting)}::jsonb) as k(o uuid, c uuid, at timestamptz)
			where c.org_id = k.o and c.id = k.c`);
	return failed;
}

/**
 * ENR-8: a pause until a date ends by itself.
 * @returns the last one looked at, unless there are no more, and why some organizations have to wait for the next sweep
 */
async function resumeExpiredPauses(db: Db, after: string, atOnce: number) {
	const rows = await db.execute<{ org_id: string; id: string; cadence_id: string }>(sql`
		select org_id, id, cadence_id from enrollments
		where status = 'paused' and paused_until <= app.now() and id > ${after}::uuid order by id limit ${atOnce}`);
	const failed: unknown[] = [];
	for (const [orgId, runs] of Map.groupBy(rows, (row) => row.org_id))
		try {
			await withOrg(db, orgId, async (tx) => {
				await lockShared(tx, [...new Set(runs.map((run) => run.cadence_id))]);
				await resumePaused(
					tx,
					orgId,
					runs.map((run) => run.id),
					null
				);
			});
		} catch (error) {
			// A lock that is held for too long is of one organization: it keeps no other waiting.
			failed.push(error);
		}
	return { last: rows.length < atOnce ? undefined : rows.at(-1)?.id, failed };
}
