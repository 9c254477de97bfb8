import { isDomainError } from '#lib/domain/errors.ts';
import { isPassing } from './db/isPassing.ts';
import { isRowFault, reasonOf } from './engine/poison.ts';
import { getLog } from './log.ts';

/**
 * RELIABILITY.md 2.6: what ends long work for good, in words for whoever started it; null for what may be gone the next
 * time (the database or the machine says so). A fault of ours comes back however often it is tried.
 */
export function lastingReason(error: unknown): string | null {
	if (isDomainError(error)) return error.message;
	if (isRowFault(error)) return reasonOf(error);
	if (isPassing(error) || saidByOthers(error)) return null;
	getLog().error({ error }, 'long work ended by a fault');
	return 'It was stopped by a fault on our side. What was done before stays as it is.';
}

/** Errors of PostgreSQL (a table that is not there yet) and of the operating system. */
function saidByOthers(error: unknown): boolean {
	for (let current = error; current instanceof Error; current = current.cause)
		if (current.name === 'PostgresError' || 'syscall' in current) return true;
	return false;
}
