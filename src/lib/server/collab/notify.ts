import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import type { DocumentKey } from './loadDocument.ts';

/** The one channel between app processes. Payloads are hints: every receiver reads the truth from the tables. */
export const collabChannel = 'collab';

/** Tells the processes that serve a document that its log or generation moved on. Sent when the transaction commits. */
export async function notifyDocument(
	tx: Executor,
	{ orgId, cadenceId }: DocumentKey,
	{ generation, seq }: { generation: number; seq: number }
): Promise<void> {
	const payload = JSON.stringify({ kind: 'document', orgId, cadenceId, generation, seq });
	await tx.execute(sql`select pg_notify(${collabChannel}, ${payload})`);
}
