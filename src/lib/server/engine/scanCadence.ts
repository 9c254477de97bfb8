import { sql } from 'drizzle-orm';
import type { EndReason, Instant } from '#lib/domain/enrollment/state.ts';
import { isIntervalDue, nextScanAt } from '#lib/domain/enrollment/nextScan.ts';
import { commitLater } from '../db/commitLater.ts';
import { nilId } from '../db/id.ts';
import { readClock } from '../db/readClock.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { endRuns } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { lockShared } from './activeCadences.ts';
import { conditionsOf, isPastUnenrollDate, leaveReason } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { enrollSet } from './enrollSet.ts';
import { forgetExclusions } from './forgetExclusions.ts';
import { iso } from './stepBatch.ts';

export type Scan = { orgId: string; cadenceId: string; actorId?: string | null };
export type ScanResult = { enrolled: number; unenrolled: number };

const chunk = 5_000;

/**
 * ENR-2..ENR-4, UNE-1 (a)-(c): looks at a cadence as a whole, in chunks of their own transaction, so that a crash loses
 * nothing and a publish waits for one chunk only. Every run is judged by its own record as it is, never by its absence
 * from what a scan has seen, so an unfinished scan un-enrolls nobody wrongly (RELIABILITY.md 2.4).
 */
export async function scanCadence(db: Db, scan: Scan, signal?: AbortSignal): Promise<ScanResult> {
	const result: ScanResult = { enrolled: 0, unenrolled: 0 };
	// Times are those of the beginning: what changes while a scan is under way makes the next one due.
	const startedAt = await withOrg(db, scan.orgId, readClock);
	await inChunks(db, scan, signal, forgetLeft);
	await inChunks(db, scan, signal, async (tx, cadence, after) => {
		const page = await enrollPage(tx, cadence, startedAt, after);
		result.enrolled += page.enrolled;
		return page.last;
	});
	failpoint('scan.enrolled');
	await inChunks(db, scan, signal, async (tx, cadence, after) => {
		const page = await unenrollPage(tx, cadence, startedAt, after, scan.actorId ?? null);
		result.unenrolled += page.unenrolled;
		return page.last;
	});
	failpoint('scan.unenrolled');
	await withOrg(db, scan.orgId, (tx) => finishScan(tx, scan, startedAt));
	failpoint('scan.finished');
	return result;
}

type Page = (tx: OrgTx, cadence: CadenceContext, after: string) => Promise<string | null>;

async function inChunks(db: Db, { orgId, cadenceId }: Scan, signal: AbortSignal | undefined, page: Page) {
	for (let after: string | null = nilId; after !== null;) {
		if (signal?.aborted) throw new Error('The worker stops; the scan begins again elsewhere.');
		const from: string = after;
		after = await withOrg(db, orgId, async (tx) => {
			await lockShared(tx, [cadenceId]);
			const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
			const next = cadence?.plan ? await page(tx, cadence, from) : null;
			await commitLater(tx);
			failpoint('scan.page');
			return next;
		});
	}
}

/** VER-5: who has left the view once may come in by it later, also when no change of the record told of it. */
async function forgetLeft(tx: OrgTx, cadence: CadenceContext, after: string): Promise<string | null> {
	// Its criteria count no more, and may name what was deleted after it.
	if (cadence.deleted) return null;
	const { inView } = await conditionsOf(tx, cadence);
	if (!inView) return null;
	const rows = await tx.execute<{ id: string; left: boolean }>(sql`
		select x.record_id as id, r.id is null or not ${inView} as left from view_exclusions x
		left join records r on r.org_id = x.org_id and r.id = x.record_id and r.deleted_at is null
		where x.org_id = ${cadence.orgId}::uuid and x.cadence_id = ${cadence.id}::uuid and x.record_id > ${after}::uuid
		order by x.record_id limit ${chunk}`);
	await forgetExclusions(
		tx,
		cadence,
		rows.filter((row) => row.left).map((row) => row.id)
	);
	return rows.length < chunk ? null : rows.at(-1)!.id;
}

async function enrollPage(tx: OrgTx, cadence: CadenceContext, startedAt: Instant, after: string) {
	const stays = { enrolled: 0, last: null };
	if (cadence.deleted || cadence.enrollmentKind !== 'view' || cadence.state !== 'active') return stays;
	const { inViewWhere } = await conditionsOf(tx, cadence);
	if (!inViewWhere) return stays;
	if (isPastUnenrollDate(cadence) || !(await isEnrollmentDue(tx, cadence, startedAt))) return stays;
	const leave = await leaveReason(tx, cadence);
	// ENR-3: who matches both is not enrolled. ENR-4, who was in, is left to the insert's unique key: an anti join here
	// is a nested loop over all runs while the statistics are older than the last chunks (20 s instead of 0.1 s).
	// A full page before means that many match: from there on records are walked by their key. Left to itself the planner,
	// which expects few, reads and sorts all that are left for each page.
	if (after !== nilId) await tx.execute(sql`set local enable_sort = off`);
	const page = sql`
		select r.id, r.time_zone, 'ok' as outcome from records r
		where r.org_id = ${cadence.orgId}::uuid and r.module_id = ${cadence.moduleId}::uuid and r.deleted_at is null
			and r.id > ${after}::uuid and ${inViewWhere} and ${leave} is null
			and not exists (select 1 from view_exclusions x
				where x.org_id = r.org_id and x.cadence_id = ${cadence.id}::uuid and x.record_id = r.id)
		order by r.id limit ${chunk}`;
	type Seen = { enrolled: number; seen: number; last: string | null };
	const [row] = await enrollSet<Seen>(
		tx,
		cadence,
		page,
		{ source: 'view', userId: null },
		sql`(select count(*)::int from made) as enrolled, count(*)::int as seen,
			(select id from chosen order by id desc limit 1) as last from chosen`
	);
	const { enrolled, seen, last } = row!;
	if (enrolled) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return { enrolled, last: seen < chunk ? null : last };
}

/** ENR-2: a cadence with an interval enrolls at its times only, whatever else it is looked at for. */
async function isEnrollmentDue(tx: OrgTx, cadence: CadenceContext, startedAt: Instant): Promise<boolean> {
	const { scan } = cadence.plan!.settings;
	if (scan === null) return true;
	const [row] = await tx.execute<{ scanned: number | null; asked: boolean }>(sql`
		select round(extract(epoch from c.scanned_at) * 1000)::float8 as scanned,
			coalesce(c.scanned_at < greatest(c.published_at, c.activated_at, w.modified_at), true) as asked
		from cadences c left join views w on w.org_id = c.org_id and w.id = c.view_id
		where c.org_id = ${cadence.orgId}::uuid and c.id = ${cadence.id}::uuid`);
	if (!row || row.scanned === null || row.asked) return true;
	return isIntervalDue(scan, cadence.activatedAt, row.scanned, startedAt);
}

/** CAD-6: everybody leaves a deleted cadence, whatever the rules say. */
async function unenrollPage(
	tx: OrgTx,
	cadence: CadenceContext,
	startedAt: Instant,
	after: string,
	actorId: string | null
) {
	const leave = cadence.deleted ? sql`'cadence_deleted'` : await leaveReason(tx, cadence);
	const rows = await tx.execute<{ id: string; reason: EndReason }>(sql`
		select * from (
			select e.id, ${leave} as reason from enrollments e
			join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.org_id = ${cadence.orgId}::uuid and e.cadence_id = ${cadence.id}::uuid and e.status in ('active', 'paused')
				-- Who came in since the scan began was judged then; what changes afterwards is in the outbox of changes.
				and (${cadence.deleted} or e.enrolled_at < ${iso(startedAt)}::timestamptz)
				and e.id > ${after}::uuid) x
		where reason is not null order by id limit ${chunk}`);
	const ended = await endRuns(
		tx,
		rows.map((row) => ({ orgId: cadence.orgId, enrollmentId: row.id, reason: row.reason })),
		cadence.deleted ? actorId : null
	);
	return { unenrolled: ended.length, last: rows.length < chunk ? null : rows.at(-1)!.id };
}

async function finishScan(tx: OrgTx, { orgId, cadenceId }: Scan, startedAt: Instant): Promise<void> {
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
	if (!cadence?.plan) return;
	const next = nextScanAt({ ...cadence, settings: cadence.plan.settings }, startedAt);
	await tx.execute(sql`
		update cadences set next_scan_at = ${next === null ? null : iso(next)}::timestamptz,
			scanned_at = ${iso(startedAt)}::timestamptz
		where org_id = ${orgId}::uuid and id = ${cadenceId}::uuid`);
}
