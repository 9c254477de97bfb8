/**
 * SQLSTATE classes of a fault of the moment: connection, resources, operator, serialization, deadlock; and a server that
 * is not the primary any more (25006), or not yet.
 */
const passing = /^(08|53|57|40|58|55|25006)/;
/** The way to the server, with its name: in a network of containers that goes and comes with it. */
const unreached =
	/^(ECONN|EPIPE|ETIMEDOUT|CONNECTION_|CONNECT_|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOENT)/;

/** RELIABILITY.md 2.1: the database is away or busy: the same will go another time. */
export function isPassing(error: unknown): boolean {
	for (
		let current = error;
		typeof current === 'object' && current !== null;
		current = (current as { cause?: unknown }).cause
	) {
		const { code } = current as { code?: unknown };
		if (typeof code === 'string' && (passing.test(code) || unreached.test(code))) return true;
	}
	return false;
}
