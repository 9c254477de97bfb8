import { sql } from 'drizzle-orm';
import type { OrgTx } from './client.ts';

/**
 * Until the transaction ends, a queue is read along its index until there is enough. Where statistics say that hardly
 * anything waits (they are older than a bulk enrollment), the planner would collect and sort all that does, for each pass.
 */
export const alongIndex = (tx: OrgTx): Promise<unknown> => tx.execute(sql`set local enable_bitmapscan = off`);
