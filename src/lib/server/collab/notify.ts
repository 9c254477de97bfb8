import { sql } from 'drizzle-orm';
import type { CadenceNews } from '#lib/collab/cadenceNews.ts';
import type { Actor } from '#lib/domain/access/actor.ts';
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

/** COL-1: everybody who has the canvas open hears at once what somebody did to the cadence. Sent at the commit. */
export async function notifyCadence(
	tx: Executor,
	{ orgId, userId, name }: Actor,
	cadenceId: string,
	{ what, version = null }: { what: CadenceNews['what']; version?: number | null }
): Promise<void> {
	const news: CadenceNews = { what, version, by: { id: userId, name } };
	const payload = JSON.stringify({ kind: 'news', orgId, cadenceId, news });
	await tx.execute(sql`select pg_notify(${collabChannel}, ${payload})`);
}
