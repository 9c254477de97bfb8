import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';

/**
 * ENR-2, UNE-1: wakes whoever compares changed records with views and un-enrollment criteria (the ids are in
 * record_changes already). Without a job key: two transactions that add the same key wait for each other.
 */
export async function announceChanges(tx: OrgTx): Promise<void> {
	await enqueue(tx, 'drainRecordChanges', {});
}
