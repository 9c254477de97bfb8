import { sql } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import { nextScanAt } from '#lib/domain/enrollment/nextScan.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { endRuns } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { lockShared } from './activeCadences.ts';
import { conditionsOf, isPastUnenrollDate, leaveReason } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { enrollSet } from './enrollSet.ts';
import { iso } from './stepBatch.ts';

export type Scan = {
	orgId: string;
	cadenceId: string;
	/** VER-5: who is in the view now comes in; else only those that come later. */
	includeExisting: boolean;
	/** By the sweep: who was left out by VER-5 stays out. */
	periodic: boolean;
};
export type ScanResult = { enrolled: number; unenrolled: number };

const chunk = 5_000;
const first = '00000000-0000-0000-0000-000000000000';

/**
 * ENR-2..ENR-4, UNE-1 (a)-(c): looks at a cadence as a whole, in chunks of their own transaction, so that a crash loses
 * nothing and a publish waits for one chunk only. Every run is judged by its own record as it is, never by its absence
 * from what a scan has seen, so an unfinished scan un-enrolls nobody wrongly (RELIABILITY.md 2.4).
 */
export async function scanCadence(db: Db, scan: Scan, signal?: AbortSignal): Promise<ScanResult> {
	const result: ScanResult = { enrolled: 0, unenrolled: 0 };
	await inChunks(db, scan, signal, async (tx, cadence, after) => {
		const page = await enrollPage(tx, cadence, scan, after);
		result.enrolled += page.enrolled;
		return page.last;
	});
	failpoint('scan.enrolled');
	await inChunks(db, scan, signal, async (tx, cadence, after) => {
		const page = await unenrollPage(tx, cadence, after);
		result.unenrolled += page.unenrolled;
		return page.last;
	});
	failpoint('scan.unenrolled');
	await withOrg(db, scan.orgId, (tx) => finishScan(tx, scan));
	failpoint('scan.finished');
	return result;
}

type Page = (tx: OrgTx, cadence: CadenceContext, after: string) => Promise<string | null>;

async function inChunks(db: Db, { orgId, cadenceId }: Scan, signal: AbortSignal | undefined, page: Page) {
	for (let after: string | null = first; after !== null;) {
		if (signal?.aborted) throw new Error('The worker stops; the scan begins again elsewhere.');
		const from: string = after;
		after = await withOrg(db, orgId, async (tx) => {
			await lockShared(tx, [cadenceId]);
			const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
			const next = cadence?.plan && !cadence.deleted ? await page(tx, cadence, from) : null;
			failpoint('scan.page');
			return next;
		});
	}
}

async function enrollPage(tx: OrgTx, cadence: CadenceContext, scan: Scan, after: string) {
	const { inView } = await conditionsOf(tx, cadence);
	const stays = { enrolled: 0, last: null };
	if (cadence.enrollmentKind !== 'view' || !inView || cadence.state !== 'active') return stays;
	if (isPastUnenrollDate(cadence) || (scan.periodic && !(await wasScanned(tx, cadence)))) return stays;
	if (!scan.periodic && after === first) await forgetExclusions(tx, cadence);
	const leave = await leaveReason(tx, cadence);
	// ENR-3: who matches both is not enrolled. ENR-4, who was in, is left to the insert's unique key: an anti join here
	// is a nested loop over all runs while the statistics are older than the last chunks (20 s instead of 0.1 s).
	const rows = await tx.execute<{ id: string }>(sql`
		select r.id from records r
		where r.org_id = ${cadence.orgId}::uuid and r.module_id = ${cadence.moduleId}::uuid and r.deleted_at is null
			and r.id > ${after}::uuid and ${inView} and ${leave} is null
			and not exists (select 1 from view_exclusions x
				where x.org_id = r.org_id and x.cadence_id = ${cadence.id}::uuid and x.record_id = r.id)
		order by r.id limit ${chunk}`);
	if (!rows.length) return stays;
	const ids = sql`${sql.param(rows.map((row) => row.id))}::uuid[]`;
	const last = rows.length < chunk ? null : rows.at(-1)!.id;
	if (!scan.periodic && !scan.includeExisting) {
		await tx.execute(sql`
			insert into view_exclusions (org_id, cadence_id, record_id)
			select ${cadence.orgId}::uuid, ${cadence.id}::uuid, id from unnest(${ids}) as id on conflict do nothing`);
		return { enrolled: 0, last };
	}
	const made = await enrollSet(tx, cadence, sql`r.id = any(${ids})`, { source: 'view', userId: null });
	if (made.length) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return { enrolled: made.length, last };
}

/** Until the scan that answers VER-5 is done, one of the sweep enrolls nobody. */
async function wasScanned(tx: OrgTx, cadence: CadenceContext): Promise<boolean> {
	const [row] = await tx.execute<{ scanned: boolean }>(sql`
		select scanned_at is not null as scanned from cadences
		where org_id = ${cadence.orgId}::uuid and id = ${cadence.id}::uuid`);
	return row?.scanned ?? false;
}

/** VER-5 is answered anew at each publish and activation. */
const forgetExclusions = (tx: OrgTx, cadence: CadenceContext) =>
	tx.execute(sql`
		delete from view_exclusions where org_id = ${cadence.orgId}::uuid and cadence_id = ${cadence.id}::uuid`);

async function unenrollPage(tx: OrgTx, cadence: CadenceContext, after: string) {
	const leave = await leaveReason(tx, cadence);
	const rows = await tx.execute<{ id: string; reason: EndReason }>(sql`
		select * from (
			select e.id, ${leave} as reason from enrollments e
			join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.org_id = ${cadence.orgId}::uuid and e.cadence_id = ${cadence.id}::uuid and e.status in ('active', 'paused')
				and e.id > ${after}::uuid) x
		where reason is not null order by id limit ${chunk}`);
	const ended = await endRuns(
		tx,
		rows.map((row) => ({ orgId: cadence.orgId, enrollmentId: row.id, reason: row.reason }))
	);
	return { unenrolled: ended.length, last: rows.length < chunk ? null : rows.at(-1)!.id };
}

async function finishScan(tx: OrgTx, { orgId, cadenceId, periodic }: Scan): Promise<void> {
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
	if (!cadence?.plan) return;
	const [clock] = await tx.execute<{ now: number }>(
		sql`select round(extract(epoch from app.now()) * 1000)::float8 as now`
	);
	const next = nextScanAt({ ...cadence, settings: cadence.plan.settings }, clock!.now);
	// A view cadence counts as scanned when the scan that answers VER-5 is done, not by one of the sweep before it.
	const counts = !periodic || cadence.enrollmentKind !== 'view' || cadence.state !== 'active';
	await tx.execute(sql`
		update cadences set next_scan_at = ${next === null ? null : iso(next)}::timestamptz,
			scanned_at = case when ${counts} or scanned_at is not null then app.now() else scanned_at end
		where org_id = ${orgId}::uuid and id = ${cadenceId}::uuid`);
}
