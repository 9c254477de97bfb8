import { sql } from 'drizzle-orm';
import { nextScanAt } from '#lib/domain/enrollment/nextScan.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { resumePaused } from '../enrollments/resumeEnrollments.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { findCadences, lockShared } from './activeCadences.ts';
import { forgetPassMarks } from './passMarks.ts';
import { iso } from './stepBatch.ts';

/**
 * The engine's part of the minute's sweep (RELIABILITY.md 2.2): by state and age, never by what somebody saw happen, so
 * that whatever was lost is found again. Each part is its own transaction.
 */
export async function sweepEngine(db: Db): Promise<void> {
	await db.transaction(scheduleScans);
	failpoint('sweep.scheduled');
	await resumeExpiredPauses(db);
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
}

/** ENR-2, UNE-1 (b), VER-3: cadences whose time has come, or whose view or version changed since their last scan. */
async function scheduleScans(tx: OrgTx): Promise<void> {
	const [clock] = await tx.execute<{ now: number }>(
		sql`select round(extract(epoch from app.now()) * 1000)::float8 as now`
	);
	const now = clock!.now;
	const cadences = await findCadences(tx, sql`true`);
	const stale = await tx.execute<{ id: string }>(sql`
		select c.id from cadences c left join views w on w.org_id = c.org_id and w.id = c.view_id
		where c.deleted_at is null and c.active_version_id is not null and (
			c.scanned_at is null or c.scanned_at < greatest(c.published_at, w.modified_at))`);
	const changed = new Set(stale.map((row) => row.id));
	const waiting: { o: string; c: string; at: string }[] = [];
	for (const cadence of cadences) {
		const { orgId, id: cadenceId } = cadence;
		if (changed.has(cadenceId) || (cadence.nextScanAt !== null && cadence.nextScanAt <= now)) {
			await enqueue(tx, 'scanCadence', { orgId, cadenceId }, { key: `rescan:${cadenceId}` });
			continue;
		}
		const next = nextScanAt({ ...cadence, settings: cadence.plan!.settings }, now);
		if (next !== null && (cadence.nextScanAt === null || next < cadence.nextScanAt))
			waiting.push({ o: orgId, c: cadenceId, at: iso(next) });
	}
	if (waiting.length)
		await tx.execute(sql`
			update cadences c set next_scan_at = k.at
			from jsonb_to_recordset(${JSON.stringify(waiting)}::jsonb) as k(o uuid, c uuid, at timestamptz)
			where c.org_id = k.o and c.id = k.c`);
}

/** ENR-8: a pause until a date ends by itself. */
async function resumeExpiredPauses(db: Db): Promise<void> {
	const rows = await db.execute<{ org_id: string; id: string; cadence_id: string }>(sql`
		select org_id, id, cadence_id from enrollments
		where status = 'paused' and paused_until <= app.now() order by id limit 10000`);
	for (const [orgId, runs] of Map.groupBy(rows, (row) => row.org_id))
		await withOrg(db, orgId, async (tx) => {
			await lockShared(tx, [...new Set(runs.map((run) => run.cadence_id))]);
			await resumePaused(
				tx,
				orgId,
				runs.map((run) => run.id),
				null
			);
		});
}
