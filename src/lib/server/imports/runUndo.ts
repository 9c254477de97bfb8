import { sql } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import { loadActor } from '../auth/loadActor.ts';
import { withOrg, type Db } from '../db/client.ts';
import type { ImportUndo } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { lastingReason } from '../lastingReason.ts';
import { endUndo } from './endImport.ts';
import { notifyImportEnd } from './notifyImportEnd.ts';
import { undoChunk } from './undoChunk.ts';

type Job = { orgId: string; importId: string };
type Stored = { module_id: string; created_by: string; undo: ImportUndo };

/**
 * CRM-4: takes an import back chunk by chunk; each commits with the place to go on from, so a killed worker repeats
 * nothing. What refuses (a right that was lost) leaves the rest as it is and says so.
 */
export async function runUndo(db: Db, job: Job, options: { signal?: AbortSignal }): Promise<void> {
	for (;;) {
		if (options.signal?.aborted) throw new Error('Stopped between two chunks; the job goes on later.');
		try {
			if (await step(db, job)) return;
		} catch (error) {
			const reason = lastingReason(error);
			if (reason === null) throw error;
			return withOrg(db, job.orgId, (tx) => endUndo(tx, job, reason));
		}
	}
}

/** @returns true when nothing is left to do */
const step = (db: Db, job: Job): Promise<boolean> =>
	withOrg(db, job.orgId, async (tx) => {
		const [found] = await tx.execute<Stored>(sql`
			select module_id, created_by, undo from imports
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid and status = 'undoing' for update`);
		if (!found) return true;
		const starter = await loadActor(tx, job.orgId, found.created_by);
		if (!starter) throw new DomainError('forbidden', 'Whoever started it is no longer active.');
		const module = await getModule(tx, found.module_id);
		const done = await undoChunk(tx, { actor: starter.actor, module, importId: job.importId }, found.undo);
		await tx.execute(sql`
			update imports set ${done ? sql`undo = ${JSON.stringify(done)}::jsonb` : sql`status = 'undone', finished_at = app.now()`}
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid`);
		if (!done) await notifyImportEnd(tx, job);
		return done === null;
	});
