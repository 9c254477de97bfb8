import { sql, type SQL } from 'drizzle-orm';
import { alongIndex } from '../db/alongIndex.ts';
import type { Executor, OrgTx } from '../db/client.ts';
import { loadCadences, type CadenceContext, type CadenceKey } from './cadenceContext.ts';

/** Published cadences that are not deleted and match a condition over `c`, in the order of their ids. */
export async function findCadenceKeys(tx: Executor, condition: SQL): Promise<CadenceKey[]> {
	const rows = await tx.execute<CadenceKey>(sql`
		select c.org_id as "orgId", c.id as "cadenceId" from cadences c
		where c.deleted_at is null and c.active_version_id is not null and ${condition} order by c.id`);
	return [...rows];
}

/** The same, with what the engine knows of them. */
export async function findCadences(tx: Executor, condition: SQL): Promise<CadenceContext[]> {
	const rows = await findCadenceKeys(tx, condition);
	const found = await loadCadences(tx, rows);
	return rows.flatMap(({ cadenceId }) => found.get(cadenceId) ?? []);
}

/** RELIABILITY.md 2.2: shared locks before row locks, in id order; waits for a publish or deactivation to finish. */
export async function lockShared(tx: Executor, cadenceIds: readonly string[]): Promise<void> {
	if (!cadenceIds.length) return;
	await tx.execute(sql`
		select pg_advisory_xact_lock_shared(app.cadence_lock(id))
		from (select id from unnest(${sql.param([...cadenceIds].sort())}::uuid[]) as id order by id offset 0) x`);
}

/**
 * The same, only tried: publish and (de)activate hold them exclusively, and a pass waits for nobody.
 * @returns the ids of the cadences whose lock is held now
 */
export async function tryLockShared(tx: Executor, cadenceIds: readonly string[]): Promise<Set<string>> {
	if (!cadenceIds.length) return new Set();
	const ids = [...new Set(cadenceIds)].sort();
	const rows = await tx.execute<{ id: string; ok: boolean }>(sql`
		select x.id, pg_try_advisory_xact_lock_shared(app.cadence_lock(x.id)) as ok
		from (select id from unnest(${sql.param(ids)}::uuid[]) as id order by id offset 0) x`);
	return new Set(rows.filter((row) => row.ok).map((row) => row.id));
}

/**
 * The first ones of a queue, of cadences whose lock is held now. A whole set that waits for a publish or (de)activation is
 * passed by: however long its queue, it holds up nobody else.
 * @param read the first ones in due order, without those of the cadences passed by
 * @returns `passed`: whether a set was passed by; `left`: whether some of the last set are not among `heads`
 */
export async function findOpenHeads<Head extends { cadence_id: string }>(
	tx: OrgTx,
	read: (passed: readonly string[]) => Promise<readonly Head[]>
): Promise<{ heads: Head[]; passed: boolean; left: boolean }> {
	await alongIndex(tx);
	const closed = new Set<string>();
	for (;;) {
		const found = await read([...closed]);
		const locked = await tryLockShared(
			tx,
			found.map((head) => head.cadence_id)
		);
		const heads = found.filter((head) => locked.has(head.cadence_id));
		if (heads.length || !found.length)
			return { heads, passed: closed.size > 0, left: heads.length < found.length };
		for (const head of found) closed.add(head.cadence_id);
	}
}
