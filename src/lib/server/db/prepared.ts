import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type { Executor } from './client.ts';

const dialect = new PgDialect({ casing: 'snake_case' });

/**
 * Runs a statement that a connection parses and plans once (`tx.execute` does both each time and waits for the server in
 * between, so nothing can follow on its heels). Only for hot statements of fixed text: each text stays with its connection.
 */
export function executePrepared<Row extends Record<string, unknown> = Record<string, unknown>>(
	tx: Executor,
	query: SQL
): Promise<Row[]> {
	const prepared = tx._.session.prepareQuery(dialect.sqlToQuery(query), undefined, 'hot', false);
	return prepared.execute() as Promise<Row[]>;
}
