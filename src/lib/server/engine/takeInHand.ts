import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import type { LaneMark } from './passMarks.ts';
import type { Poison } from './poison.ts';

type Claimed = Pick<EnrollmentRow, 'id' | 'org_id'>;
export type InHand<T extends Claimed> = {
	/** The runs this pass may work on. */
	rows: T[];
	/** Runs that ended too many processes: to be set aside. */
	poison: Poison[];
	/** Runs that an earlier process died with and that this pass settles. */
	suspects: string[];
};

/** Runs of one pass, by how many processes died with them: the one that kills ends up alone (as in claimMessages). */
const setSizes = [Infinity, 60, 8];
/** RELIABILITY.md 2.6. */
const maxCrashes = 5;
const reason = `Working on it ended the engine's process ${maxCrashes} times. It was set aside; please report it.`;

/**
 * Writes down what a pass has in hand before it looks at any of it, and keeps back what a process died with: such runs
 * are tried in ever smaller sets by one lane at a time, so that nobody is blamed for a neighbour in another lane, and
 * one that ended five processes is handed back as poison. Without suspects, which is always, it is one small statement
 * on a connection of its own.
 */
export async function takeInHand<T extends Claimed>(
	tx: OrgTx,
	mark: LaneMark | undefined,
	xid: string | undefined,
	rows: T[]
): Promise<InHand<T>> {
	if (!mark || xid === undefined) return { rows, poison: [], suspects: [] };
	const ids = rows.map((row) => row.id);
	const known = await mark.begin(xid, ids);
	if (!known.size) return { rows, poison: [], suspects: [] };
	const chosen = await choose(tx, rows, known);
	await mark.begin(
		xid,
		chosen.rows.map((row) => row.id)
	);
	return chosen;
}

async function choose<T extends Claimed>(
	tx: OrgTx,
	rows: T[],
	known: Awaited<ReturnType<LaneMark['begin']>>
): Promise<InHand<T>> {
	const crashesOf = (row: T) => known.get(row.id)?.crashes ?? 0;
	const [lock] = await tx.execute<{ ok: boolean }>(
		sql`select pg_try_advisory_xact_lock(hashtextextended('cadenza/suspects', 0)) as ok`
	);
	if (!lock?.ok) return { rows: rows.filter((row) => crashesOf(row) === 0), poison: [], suspects: [] };
	const dead = rows.filter((row) => crashesOf(row) >= maxCrashes);
	const poison = dead.filter((row) => known.get(row.id)!.certain).map((row) => ({ row, reason }));
	if (poison.length) return { rows: [], poison, suspects: poison.map(({ row }) => row.id) };
	const alive = rows.filter((row) => crashesOf(row) < maxCrashes);
	const level = Math.max(0, ...alive.map(crashesOf));
	const set = alive.filter((row) => crashesOf(row) === level).slice(0, setSizes[level] ?? 1);
	return { rows: set, poison, suspects: level ? set.map((row) => row.id) : [] };
}
