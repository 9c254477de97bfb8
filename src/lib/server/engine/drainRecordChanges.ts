import { sql, type SQL } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { rowSet } from '../db/rowSet.ts';
import { endRuns, type Ending } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { findCadences, lockShared } from './activeCadences.ts';
import { conditionsOf, isPastUnenrollDate, leaveReasonOf } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { enrollPairs, type EnrollPair } from './enrollPairs.ts';

type Change = { org_id: string; module_id: string; record_id: string };

/**
 * ENR-2, UNE-1 (a) (c), UNE-7: takes up to `limit` changed records from the outbox that was written with them, and
 * evaluates all cadences of their module over them at once: one statement with a column per cadence. Enrolls who began
 * to match, ends who must leave. In one transaction: a crash repeats it.
 * @returns how many changes were taken
 */
export async function drainRecordChanges(db: Db, limit = 2000): Promise<number> {
	const woken = await db.transaction(async (tx) => {
		const changes = await tx.execute<Change>(sql`
			-- By their keys: joined, all that wait would be read for each part of them.
			delete from record_changes where id = any(array(
				select id from record_changes order by id limit ${limit} for update skip locked))
			returning org_id, module_id, record_id`);
		if (changes.length) failpoint('changes.taken');
		let enrolled = 0;
		for (const group of Map.groupBy(changes, (change) => `${change.org_id}/${change.module_id}`).values())
			enrolled += await evaluate(tx, group);
		if (enrolled) await enqueue(tx, 'advance', {}, { key: 'advance' });
		if (changes.length) failpoint('changes.written');
		return changes.length;
	});
	return woken;
}

async function evaluate(tx: OrgTx, changes: readonly Change[]): Promise<number> {
	const { org_id: orgId, module_id: moduleId } = changes[0]!;
	const ids = [...new Set(changes.map((change) => change.record_id))];
	const found = await findCadences(tx, sql`c.org_id = ${orgId}::uuid and c.module_id = ${moduleId}::uuid`);
	if (!found.length) return 0;
	await lockShared(
		tx,
		found.map((cadence) => cadence.id)
	);
	// What was read before the locks may be from before a publish or deactivation.
	const contexts = await loadCadences(
		tx,
		found.map((cadence) => ({ orgId, cadenceId: cadence.id }))
	);
	const cadences = found
		.flatMap(({ id }) => contexts.get(id) ?? [])
		.filter((one) => !one.deleted && one.plan);
	if (!cadences.length) return 0;
	const records = sql`r.org_id = ${orgId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`;
	const rows = await judge(tx, cadences, records);
	failpoint('changes.judged');
	await endRuns(tx, await endingsOf(tx, orgId, cadences, ids));
	const excluding = await findExcluding(tx, orgId, cadences);
	const pairs: EnrollPair[] = [];
	for (const [i, cadence] of cadences.entries()) {
		if (cadence.enrollmentKind !== 'view') continue;
		if (excluding.has(cadence.id))
			await forgetExclusions(
				tx,
				cadence,
				rows.filter((row) => row.match[i] === 'f').map((row) => row.id)
			);
		if (!enrollsOnChange(cadence)) continue;
		for (const { id, match, zone } of rows) if (match[i] === 't') pairs.push({ cadence, recordId: id, zone });
	}
	return enrollPairs(tx, pairs);
}

/** ENR-2: at once; a cadence with an interval waits for its scan. UNE-1 (b): after the date nobody comes in. */
const enrollsOnChange = (cadence: CadenceContext) =>
	cadence.state === 'active' && cadence.plan!.settings.scan === null && !isPastUnenrollDate(cadence);

/** `match`: a letter per cadence: `t` to be enrolled, `f` not in the view, `-` neither. */
type Judged = { id: string; zone: string | null; match: string };

/** CRM-6, PERFORMANCE.md 6: all views over the changed ids in one statement. */
async function judge(tx: OrgTx, cadences: readonly CadenceContext[], records: SQL): Promise<Judged[]> {
	const match: SQL[] = [];
	for (const cadence of cadences) {
		const { inView, unenroll } = await conditionsOf(tx, cadence);
		const alive = sql`r.deleted_at is null and r.converted_at is null`;
		// ENR-3: who matches both is not enrolled. Being in the view is told apart for `view_exclusions`.
		match.push(
			inView
				? sql`case when not ${inView} then 'f' when ${alive} ${unenroll ? sql`and not ${unenroll}` : sql``} then 't' else '-' end`
				: sql`'-'`
		);
	}
	const rows = await tx.execute<Judged>(sql`
		select r.id, r.time_zone as zone, ${sql.join(match, sql` || `)} as match from records r where ${records}`);
	return [...rows];
}

/** UNE-6: also for paused runs and inactive cadences. */
async function endingsOf(
	tx: OrgTx,
	orgId: string,
	cadences: readonly CadenceContext[],
	recordIds: readonly string[]
): Promise<Ending[]> {
	const runs = await tx.execute<{ id: string; cadence_id: string; record_id: string }>(sql`
		select e.id, e.cadence_id, e.record_id from enrollments e
		where e.org_id = ${orgId}::uuid and e.record_id = any(${sql.param([...recordIds])}::uuid[])
			and e.status in ('active', 'paused')`);
	const indexOf = new Map(cadences.map((cadence, i) => [cadence.id, i]));
	const known = runs.filter((run) => indexOf.has(run.cadence_id));
	if (!known.length) return [];
	const concerned = [...new Set(known.map((run) => cadences[indexOf.get(run.cadence_id)!]!))];
	const placeOf = new Map(concerned.map((cadence, i) => [cadence.id, i]));
	const reason = await leaveReasonOf(tx, concerned, sql`k.c`);
	const keys = known.map((run) => ({
		e: run.id,
		r: run.record_id,
		c: placeOf.get(run.cadence_id),
		o: orgId
	}));
	const leaving = await tx.execute<{ e: string; reason: EndReason }>(sql`
		select * from (
			select k.e, ${reason} as reason
			from ${rowSet(keys, { own: { e: 'uuid', r: 'uuid' }, shared: { c: 'int', o: 'uuid' } }, 'k')}
			join records r on r.org_id = k.o and r.id = k.r) x
		where reason is not null`);
	return leaving.map((row) => ({ orgId, enrollmentId: row.e, reason: row.reason }));
}

/** The cadences that keep somebody out for now: hardly any. */
async function findExcluding(
	tx: OrgTx,
	orgId: string,
	cadences: readonly CadenceContext[]
): Promise<Set<string>> {
	const rows = await tx.execute<{ id: string }>(sql`
		select c.id from unnest(${sql.param(cadences.map((cadence) => cadence.id))}::uuid[]) as c(id)
		where exists (select 1 from view_exclusions x where x.org_id = ${orgId}::uuid and x.cadence_id = c.id)`);
	return new Set(rows.map((row) => row.id));
}

/** VER-5: who has left the view once may come in by it later. */
async function forgetExclusions(tx: OrgTx, cadence: CadenceContext, left: readonly string[]): Promise<void> {
	if (!left.length) return;
	await tx.execute(sql`
		delete from view_exclusions where org_id = ${cadence.orgId}::uuid and cadence_id = ${cadence.id}::uuid
			and record_id = any(${sql.param([...left])}::uuid[])`);
}
