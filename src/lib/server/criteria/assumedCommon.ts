import { sql, type SQL } from 'drizzle-orm';

/**
 * The same condition, of which the planner assumes that half of the rows meet it. Row level security hides the
 * statistics of what is not leakproof: it would assume a handful, read the whole module and sort, where walking the
 * list's index finds a page at once (40,000 rows, all matching: 35 ms against 0.4 ms).
 */
export const assumedCommon = (condition: SQL): SQL => sql`(case when ${condition} then true else false end)`;
