import { sql } from 'drizzle-orm';

/**
 * The organization of the transaction. Row level security already binds the web role; the worker's policies let it
 * read every organization, so code that runs in both compares it in each statement.
 */
export const currentOrg = sql<string>`app.org_id()`;
