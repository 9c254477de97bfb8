import { sql } from 'drizzle-orm';
import { timestamp, uuid } from 'drizzle-orm/pg-core';

/** Every table of an organization starts with it; keys are (org_id, id). */
export const orgId = () => uuid().notNull();
export const id = () => uuid().notNull();
/** An instant; milliseconds are enough everywhere. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: 'date' });
/** app.now() is the one clock: the wall clock of the database, which tests can shift. */
export const createdAt = () =>
	instant()
		.notNull()
		.default(sql`app.now()`);
