import { sql } from 'drizzle-orm';
import { claimLeaseSeconds, sendingLeaseSeconds } from '../channels/outbox.ts';
import type { OrgTx } from '../db/client.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import type { LaneMark } from './passMarks.ts';
import { mayTrySuspects, type Poison } from './poison.ts';

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
/** What kills does so at once: after that no run waits for a message any more. */
const trialSeconds = 10;
const reason = `Working on it ended the engine's process ${maxCrashes} times. It was set aside; please report it.`;

/**
 * Writes down what a pass has in hand before it looks at any of it, and keeps back what a process died with: such runs
 * are tried in ever smaller sets by one lane at a time, so that nobody is blamed for a neighbour in another lane or in the
 * outbox, and one that ended five processes is handed back as poison. Without suspects, which is always, it is one small statement
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
	await mark.take(
		xid,
		chosen.rows.map((row) => row.id)
	);
	return chosen;
}

/** A message that a process died over has just been claimed: if it ends this one too, no run is to blame. */
async function outboxTriesOne(tx: OrgTx): Promise<boolean> {
	const since = (lease: number) => sql`clock_timestamp() + make_interval(secs => ${lease - trialSeconds})`;
	const [row] = await tx.execute<{ tries: boolean }>(sql`
		select exists (select from messages where crashes > 0 and (
			(status = 'claimed' and lease_until > ${since(claimLeaseSeconds)})
			or (status = 'sending' and lease_until > ${since(sendingLeaseSeconds)}))) as tries`);
	return row!.tries;
}

async function choose<T extends Claimed>(
	tx: OrgTx,
	rows: T[],
	known: Awaited<ReturnType<LaneMark['begin']>>
): Promise<InHand<T>> {
	const crashesOf = (row: T) => known.get(row.id)?.crashes ?? 0;
	if (!(await mayTrySuspects(tx)) || (await outboxTriesOne(tx)))
		return { rows: rows.filter((row) => crashesOf(row) === 0), poison: [], suspects: [] };
	const dead = rows.filter((row) => crashesOf(row) >= maxCrashes);
	const poison = dead.filter((row) => known.get(row.id)!.certain).map((row) => ({ row, reason }));
	if (poison.length) return { rows: [], poison, suspects: poison.map(({ row }) => row.id) };
	const alive = rows.filter((row) => crashesOf(row) < maxCrashes);
	const level = Math.max(0, ...alive.map(crashesOf));
	const set = alive.filter((row) => crashesOf(row) === level).slice(0, setSizes[level] ?? 1);
	return { rows: set, poison, suspects: level ? set.map((row) => row.id) : [] };
}
