import { sql } from 'drizzle-orm';
import { isDomainError } from '#lib/domain/errors.ts';
import type { Transition } from '#lib/domain/enrollment/runEvent.ts';
import { storable } from '../channels/storableText.ts';
import type { OrgTx } from '../db/client.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import { iso } from './stepBatch.ts';

export type Poison = { row: Pick<EnrollmentRow, 'id' | 'org_id'>; reason: string };

/** Blames the rows in hand: repeating would fail again. */
export class RowFault extends Error {
	readonly isRowFault = true;
}

/**
 * SQLSTATE classes that blame the data of a statement: 22 data exception, 23 integrity, 54 limits of the program; and the
 * driver's own limit: the criteria of many cadences in one statement may have more values than one can carry.
 */
const rowFaults = /^(22|23|54|MAX_PARAMETERS_EXCEEDED)/;

/**
 * Whether an error comes from the rows themselves: repeating the batch would fail again, so it is worth halving.
 * Everything else (connection, deadlock, timeout, shutdown) passes by itself or is not the rows' fault.
 */
export function isRowFault(error: unknown): boolean {
	if (typeof error !== 'object' || error === null) return false;
	// An instant that no calendar has is found out only when its row is written; what a rule refuses (criteria that name a
	// field that is gone) it refuses again.
	if ('isRowFault' in error || error instanceof RangeError || isDomainError(error)) return true;
	return rowFaults.test(codeOf(error));
}

/** Whether a statement was given up because it took too long. */
export const isTimeout = (error: unknown): boolean => codeOf(error) === '57014';

function codeOf(error: unknown): string {
	const { cause, code } = (error ?? {}) as { cause?: { code?: unknown } | null; code?: unknown };
	return String(cause?.code ?? code ?? '');
}

/** Whether the database refused a row because of this constraint. */
export function violates(error: unknown, constraint: string): boolean {
	const cause = error instanceof Error ? (error.cause ?? error) : error;
	return (cause as { constraint_name?: unknown } | null)?.constraint_name === constraint;
}

/** What a person may read of an error: a database error without its statement and parameters. */
export function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return storable(String(error), 500);
	const cause = error.cause;
	return storable(cause instanceof Error ? cause.message : error.message, 500);
}

/**
 * RELIABILITY.md 2.6: what a process died with is tried by one at a time, of the engine's lanes and the outbox of all
 * processes: two at once, and one would be blamed for the other. Held until the transaction ends.
 */
export async function mayTrySuspects(tx: OrgTx): Promise<boolean> {
	const [lock] = await tx.execute<{ ok: boolean }>(
		sql`select pg_try_advisory_xact_lock(hashtextextended('cadenza/suspects', 0)) as ok`
	);
	return lock!.ok;
}

/**
 * Runs `work` over the rows inside savepoints, halving what fails until the poison rows are alone; those are handed to
 * `setAside`. The good ones are done in the same transaction.
 */
export async function bisect<T extends Poison['row']>(
	tx: OrgTx,
	rows: T[],
	work: (tx: OrgTx, rows: T[]) => Promise<unknown>,
	setAside: (tx: OrgTx, poison: Poison[]) => Promise<void>
): Promise<void> {
	if (!rows.length) return;
	try {
		await tx.transaction((part) => work(part, rows));
	} catch (error) {
		if (!isRowFault(error)) throw error;
		if (rows.length === 1) return setAside(tx, [{ row: rows[0]!, reason: reasonOf(error) }]);
		const middle = rows.length >> 1;
		await bisect(tx, rows.slice(0, middle), work, setAside);
		await bisect(tx, rows.slice(middle), work, setAside);
	}
}

/**
 * RELIABILITY.md 2.6: what something that happens to many runs makes of one of them. One that cannot be reckoned with is
 * set aside by the caller, so that it stops nobody else from being paused, halted, moved or sent on.
 */
export function tryTransition(
	poison: Poison[],
	row: Poison['row'],
	happens: () => Transition
): Transition | null {
	try {
		const [run, effects] = happens();
		// An instant that no calendar has would be refused with the whole set.
		if (run.next) iso(run.next.dueAt);
		return [run, effects];
	} catch (error) {
		poison.push({ row, reason: reasonOf(error) });
		return null;
	}
}

/** Sets runs aside: the engine leaves them alone until somebody looks; they stay visible with the reason. */
export async function quarantine(tx: OrgTx, poison: readonly Poison[]): Promise<void> {
	if (!poison.length) return;
	const rows = poison.map(({ row, reason }) => ({ o: row.org_id, e: row.id, reason }));
	await tx.execute(sql`
		update enrollments e set quarantined_at = app.now(), quarantine_reason = r.reason, version = e.version + 1
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(o uuid, e uuid, reason text)
		where e.org_id = r.o and e.id = r.e`);
}
