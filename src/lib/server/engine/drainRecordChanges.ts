import { sql, type SQL } from 'drizzle-orm';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import { readOnce, type SharedValues } from '../criteria/sharedValues.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { rowSet } from '../db/rowSet.ts';
import { endRuns, type Ending } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue, enqueueScan } from '../jobs.ts';
import { findCadenceKeys, tryLockShared } from './activeCadences.ts';
import { conditionsOf, isPastUnenrollDate, leaveReasonOf, readableOf } from './cadenceConditions.ts';
import { loadCadences, type CadenceContext, type CadenceKey } from './cadenceContext.ts';
import { enrollPairs, type EnrollPair } from './enrollPairs.ts';
import { forgetExclusions } from './forgetExclusions.ts';
import { isRowFault, isTimeout } from './poison.ts';

type Change = { id: string; org_id: string; module_id: string; record_id: string };

/** Whose turn it is: modules with more changes than one set holds, and when the others were looked at last. */
export type Turn = { crowded: string[]; othersAt: number };
export const newTurn = (): Turn => ({ crowded: [], othersAt: -Infinity });
const othersEveryMs = 1000;

/**
 * ENR-2, UNE-1 (a) (c), UNE-7: takes up to `limit` changed records from the outbox that was written with them, and
 * evaluates all cadences of their module over them at once: one statement with a column per cadence. Enrolls who began
 * to match, ends who must leave. In one transaction: a crash repeats it. Changes of a module one of whose cadences is
 * being published or (de)activated stay where they are, and a module that was changed in bulk takes turns with the others.
 * @param report told why a cadence was left to a scan of its own
 * @returns how many changes were taken
 */
export async function drainRecordChanges(
	db: Db,
	limit = 2000,
	turn = newTurn(),
	report: (error: unknown) => void = () => undefined
): Promise<number> {
	return db.transaction(async (tx) => {
		const groups = await takeOpen(tx, limit, turn);
		if (!groups.length) return 0;
		failpoint('changes.taken');
		let enrolled = 0;
		for (const group of groups) enrolled += await evaluateApart(tx, group, report);
		if (enrolled) await enqueue(tx, 'advance', {}, { key: 'advance' });
		failpoint('changes.written');
		return groups.reduce((sum, { changes }) => sum + changes.length, 0);
	});
}

type Group = { keys: readonly CadenceKey[]; changes: readonly Change[] };

/** The first changes of modules whose cadences' locks are held now, taken from the outbox. */
async function takeOpen(tx: OrgTx, limit: number, turn: Turn): Promise<Group[]> {
	const isForOthers = turn.crowded.length > 0 && performance.now() - turn.othersAt > othersEveryMs;
	const passed = new Set(isForOthers ? turn.crowded : []);
	for (;;) {
		const found = await tx.execute<Change>(sql`
			select id, org_id, module_id, record_id from record_changes
			where module_id <> all(${sql.param([...passed])}::uuid[]) order by id limit ${limit} for update skip locked`);
		const open: Group[] = [];
		const byModule = Map.groupBy(found, (change) => change.module_id);
		for (const [moduleId, changes] of byModule) {
			const keys = await findCadenceKeys(
				tx,
				sql`c.org_id = ${changes[0]!.org_id}::uuid and c.module_id = ${moduleId}::uuid`
			);
			const locked = await tryLockShared(
				tx,
				keys.map((key) => key.cadenceId)
			);
			if (locked.size === keys.length) open.push({ keys, changes });
			else passed.add(moduleId);
		}
		if (!found.length && isForOthers && turn.crowded.length) {
			turn.othersAt = performance.now();
			for (const moduleId of turn.crowded.splice(0)) passed.delete(moduleId);
			continue;
		}
		if (!open.length && found.length) continue;
		takeTurns(turn, isForOthers, found.length < limit, byModule);
		const ids = open.flatMap(({ changes }) => changes.map((change) => change.id));
		// By their keys: joined, all that wait would be read for each part of them.
		if (ids.length)
			await tx.execute(sql`delete from record_changes where id = any(${sql.param(ids)}::bigint[])`);
		return open;
	}
}

/** A full set means that more waits behind it: after it, others come first, until all of them were looked at. */
function takeTurns(
	turn: Turn,
	wasForOthers: boolean,
	isAll: boolean,
	found: ReadonlyMap<string, readonly Change[]>
): void {
	if (wasForOthers && isAll) turn.othersAt = performance.now();
	if (!wasForOthers) turn.crowded = [];
	if (!isAll) turn.crowded.push(...found.keys());
}

/**
 * All cadences of a module at once; what the database refuses, or does not get done in time, is repeated in halves of
 * them, so that one whose criteria cannot be reckoned with keeps no other from enrolling. That one is left to a scan.
 */
async function evaluateApart(
	tx: OrgTx,
	{ keys, changes }: Group,
	report: (error: unknown) => void
): Promise<number> {
	if (!keys.length) return 0;
	try {
		return await tx.transaction((part) => evaluate(part, keys, changes));
	} catch (error) {
		if (!isRowFault(error) && !isTimeout(error)) throw error;
		if (keys.length === 1) {
			report(error);
			const [scan] = keys;
			await enqueueScan(tx, scan!);
			return 0;
		}
		const middle = keys.length >> 1;
		const first = await evaluateApart(tx, { keys: keys.slice(0, middle), changes }, report);
		return first + (await evaluateApart(tx, { keys: keys.slice(middle), changes }, report));
	}
}

/** The caller holds the shared locks of the cadences. */
async function evaluate(
	tx: OrgTx,
	found: readonly CadenceKey[],
	changes: readonly Change[]
): Promise<number> {
	const orgId = changes[0]!.org_id;
	const ids = [...new Set(changes.map((change) => change.record_id))];
	// Read under the locks: before them it may be from before a publish or deactivation.
	const contexts = await loadCadences(tx, found);
	const cadences = await readableOf(
		tx,
		found.flatMap(({ cadenceId }) => contexts.get(cadenceId) ?? []).filter((one) => !one.deleted && one.plan)
	);
	if (!cadences.length) return 0;
	const records = sql`r.org_id = ${orgId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`;
	const rows = await judge(tx, cadences, records);
	failpoint('changes.judged');
	const runs = await readRuns(tx, orgId, cadences, ids);
	await endRuns(tx, await endingsOf(tx, orgId, cadences, rows, runs));
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
		for (const { id, match, zone } of rows)
			// ENR-4: who is or was in it does not come in; hardly any other is in the view.
			if (match[i] === 't' && !runs.get(id)?.places.includes(i)) pairs.push({ cadence, recordId: id, zone });
	}
	return enrollPairs(tx, pairs);
}

/** ENR-2: at once; a cadence with an interval waits for its scan. UNE-1 (b): after the date nobody comes in. */
const enrollsOnChange = (cadence: CadenceContext) =>
	cadence.state === 'active' && cadence.plan!.settings.scan === null && !isPastUnenrollDate(cadence);

/** `match`: a letter per cadence: `t` to be enrolled, `f` not in the view, `-` neither. */
type Judged = { id: string; zone: string | null; match: string };

/** CRM-6, PERFORMANCE.md 6: all views over the changed ids in one statement, which reads each field once a record. */
async function judge(tx: OrgTx, cadences: readonly CadenceContext[], records: SQL): Promise<Judged[]> {
	const match: SQL[] = [];
	const values: SharedValues = new Map();
	for (const cadence of cadences) {
		const { together } = await conditionsOf(tx, cadence);
		const { inView, unenroll } = together;
		for (const [name, value] of together.values) values.set(name, value);
		const alive = sql`r.deleted_at is null and r.converted_at is null`;
		// ENR-3: who matches both is not enrolled. Being in the view is told apart for `view_exclusions`.
		match.push(
			inView
				? sql`case when r.deleted_at is not null or not ${inView} then 'f' when ${alive} ${unenroll ? sql`and not ${unenroll}` : sql``} then 't' else '-' end`
				: sql`'-'`
		);
	}
	const rows = await tx.execute<Judged>(sql`
		select r.id, r.time_zone as zone, ${sql.join(match, sql` || `)} as match from records r ${readOnce(values)} where ${records}`);
	return [...rows];
}

/** The runs of a record: `places` in the list of cadences where it has or had one; of the live ones, id and place. */
type Runs = { record: string; places: number[]; live: string[] | null; live_places: number[] | null };

/** A row per record: it may have been in each of many cadences. */
async function readRuns(
	tx: OrgTx,
	orgId: string,
	cadences: readonly CadenceContext[],
	recordIds: readonly string[]
): Promise<Map<string, Runs>> {
	const rows = await tx.execute<Runs>(sql`
		select e.record_id as record, array_agg(c.place) as places,
			array_agg(e.id) filter (where e.status in ('active', 'paused')) as live,
			array_agg(c.place) filter (where e.status in ('active', 'paused')) as live_places
		-- By their records, before the cadences are looked at: one of them may have a million others.
		from (select id, record_id, cadence_id, status from enrollments
			where org_id = ${orgId}::uuid and record_id = any(${sql.param([...recordIds])}::uuid[]) offset 0) e
		join (select id, n::int - 1 as place from unnest(${sql.param(cadences.map((cadence) => cadence.id))}::uuid[])
			with ordinality as u(id, n)) c on c.id = e.cadence_id
		group by 1`);
	return new Map(rows.map((row) => [row.record, row]));
}

/** UNE-6: also for paused runs and inactive cadences. */
async function endingsOf(
	tx: OrgTx,
	orgId: string,
	cadences: readonly CadenceContext[],
	rows: readonly Judged[],
	runs: ReadonlyMap<string, Runs>
): Promise<Ending[]> {
	const past = cadences.map(isPastUnenrollDate);
	const concerned = new Map<number, number>();
	const keys: { e: string; r: string; c: number; o: string }[] = [];
	for (const { id, match } of rows) {
		const own = runs.get(id);
		for (const [n, e] of (own?.live ?? []).entries()) {
			const place = own!.live_places![n]!;
			// In the view, there, and no criterion met: it stays, unless the date has come.
			if (match[place] === 't' && !past[place]) continue;
			const c = concerned.get(place) ?? concerned.size;
			concerned.set(place, c);
			keys.push({ e, r: id, c, o: orgId });
		}
	}
	if (!keys.length) return [];
	const reason = await leaveReasonOf(
		tx,
		[...concerned.keys()].map((place) => cadences[place]!),
		sql`k.c`
	);
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
