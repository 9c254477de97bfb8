import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { notifyImportEnd } from './notifyImportEnd.ts';

type Job = { orgId: string; importId: string };

/** CRM-4: a running import has ended, and whoever started it is told, once. */
export async function endImport(
	tx: OrgTx,
	job: Job,
	status: 'done' | 'failed',
	error: string | null
): Promise<void> {
	const ended = await tx.execute(sql`
		update imports set status = ${status}, error = ${error}::text, finished_at = app.now(), content = null
		where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid and status = 'running' returning id`);
	if (ended.length) await notifyImportEnd(tx, job);
}

/** CRM-4: an import could not be taken back: the rest stays as it is, and whoever asked is told. */
export async function endUndo(tx: OrgTx, job: Job, reason: string): Promise<void> {
	const ended = await tx.execute(sql`
		update imports set status = 'done', error = ${`It could not be taken back: ${reason}`}
		where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid and status = 'undoing' returning id`);
	if (ended.length) await notifyImportEnd(tx, job);
}
