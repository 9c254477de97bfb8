import type postgres from 'postgres';

/** The pool had no connection in time: the moment was wrong, not the request (SQLSTATE of too many connections). */
class NoConnectionError extends Error {
	readonly code = '53300';
	constructor(ms: number) {
		super(`No database connection was free within ${ms} ms.`);
	}
}

/** What a query of postgres.js shows while it waits: sent once it has a `state`. */
type Waiting = postgres.PendingQuery<postgres.Row[]> & {
	executed: boolean;
	state: unknown;
	late?: Error;
	resolve: (rows: unknown) => void;
	reject: (error: unknown) => void;
};

/**
 * RELIABILITY.md 2.6: nobody waits for a connection for ever, which postgres.js alone would let them. Covers single
 * statements and, by their `begin`, transactions; statements inside one have their connection.
 */
export function boundWait(client: postgres.Sql, ms: number): void {
	const unsafe = client.unsafe.bind(client);
	const bound = (...args: Parameters<typeof unsafe>) => {
		const query = unsafe(...args) as Waiting;
		const timer = setTimeout(() => {
			if (!query.executed || query.state !== null) return;
			query.late = new NoConnectionError(ms);
			query.cancel();
		}, ms).unref();
		const { resolve, reject } = query;
		query.resolve = (rows) => {
			clearTimeout(timer);
			resolve(rows);
		};
		query.reject = (error) => {
			clearTimeout(timer);
			reject(error);
		};
		return query;
	};
	Object.assign(client, { unsafe: bound });
}
