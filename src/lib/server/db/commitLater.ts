import { sql } from 'drizzle-orm';
import type { Executor } from './client.ts';

/**
 * This transaction's commit does not wait for the disk. For the chunks of long work that writes down in the same transaction
 * how far it is, or begins again as a whole: if the machine dies they are repeated. The log is one sequence, so whatever is
 * committed afterwards (the last chunk, the mark of a message on its way) is on the disk only together with them.
 */
export const commitLater = (tx: Executor) => tx.execute(sql`set local synchronous_commit = off`);
