import { sql, type SQL } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { endRuns, type Ending } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { findCadences, lockShared } from './activeCadences.ts';
import { conditionsOf, isPastUnenrollDate, leaveReason } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { enrollSet } from './enrollSet.ts';

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
			delete from record_changes where id in (
				select id from record_changes order by id limit ${limit} for update skip locked)
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
	const records = sql`r.org_id = ${orgId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`;
	const rows = await judge(tx, cadences, records);
	failpoint('changes.judged');
	await endRuns(tx, await endingsOf(tx, orgId, cadences, rows));
	let enrolled = 0;
	for (const [i, cadence] of cadences.entries()) {
		const matching = rows.filter((row) => row.match[i] === true).map((row) => row.id);
		const left = rows.filter((row) => row.match[i] === false).map((row) => row.id);
		if (cadence.enrollmentKind !== 'view') continue;
		await forgetExclusions(tx, cadence, left);
		if (matching.length && enrollsOnChange(cadence))
			enrolled += (await enrollMatching(tx, cadence, matching)).length;
	}
	return enrolled;
}

/** ENR-2: at once; a cadence with an interval waits for its scan. UNE-1 (b): after the date nobody comes in. */
const enrollsOnChange = (cadence: CadenceContext) =>
	cadence.state === 'active' && cadence.plan!.settings.scan === null && !isPastUnenrollDate(cadence);

type Judged = { id: string; match: (boolean | null)[]; leave: (EndReason | null)[] };

/** CRM-6, PERFORMANCE.md 6: all views and criteria over the changed ids in one statement. */
async function judge(tx: OrgTx, cadences: readonly CadenceContext[], records: SQL): Promise<Judged[]> {
	const match: SQL[] = [];
	const leave: SQL[] = [];
	for (const cadence of cadences) {
		const { inView, unenroll } = await conditionsOf(tx, cadence);
		const alive = sql`r.deleted_at is null and r.converted_at is null`;
		// ENR-3: who matches both is not enrolled. Being in the view is told apart for `view_exclusions`.
		match.push(
			inView
				? sql`case when not ${inView} then false when ${alive} ${unenroll ? sql`and not ${unenroll}` : sql``} then true end`
				: sql`null::boolean`
		);
		leave.push(await leaveReason(tx, cadence));
	}
	const rows = await tx.execute<Judged>(sql`
		select r.id, to_jsonb(array[${sql.join(match, sql`, `)}]::boolean[]) as match,
			to_jsonb(array[${sql.join(leave, sql`, `)}]::text[]) as leave
		from records r where ${records}`);
	return [...rows];
}

/** UNE-6: also for paused runs and inactive cadences. */
async function endingsOf(
	tx: OrgTx,
	orgId: string,
	cadences: readonly CadenceContext[],
	rows: readonly Judged[]
): Promise<Ending[]> {
	const leaving = new Map(
		rows.filter((row) => row.leave.some((reason) => reason)).map((row) => [row.id, row])
	);
	if (!leaving.size) return [];
	const runs = await tx.execute<{ id: string; cadence_id: string; record_id: string }>(sql`
		select e.id, e.cadence_id, e.record_id from enrollments e
		where e.org_id = ${orgId}::uuid and e.record_id = any(${sql.param([...leaving.keys()])}::uuid[])
			and e.status in ('active', 'paused')`);
	const indexOf = new Map(cadences.map((cadence, i) => [cadence.id, i]));
	return runs.flatMap((run) => {
		const index = indexOf.get(run.cadence_id);
		const reason = index === undefined ? null : (leaving.get(run.record_id)?.leave[index] ?? null);
		return reason ? [{ orgId, enrollmentId: run.id, reason }] : [];
	});
}

const enrollMatching = (tx: OrgTx, cadence: CadenceContext, ids: readonly string[]) =>
	enrollSet(
		tx,
		cadence,
		sql`r.id = any(${sql.param([...ids])}::uuid[]) and not exists (
			select 1 from view_exclusions x
			where x.org_id = r.org_id and x.cadence_id = ${cadence.id}::uuid and x.record_id = r.id)`,
		{ source: 'view', userId: null }
	);

/** VER-5: who has left the view once may come in by it later. */
async function forgetExclusions(tx: OrgTx, cadence: CadenceContext, left: readonly string[]): Promise<void> {
	if (!left.length) return;
	await tx.execute(sql`
		delete from view_exclusions where org_id = ${cadence.orgId}::uuid and cadence_id = ${cadence.id}::uuid
			and record_id = any(${sql.param([...left])}::uuid[])`);
}
