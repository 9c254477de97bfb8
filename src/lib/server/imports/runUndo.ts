import { sql } from 'drizzle-orm';
import { isDomainError } from '#lib/domain/errors.ts';
import { loadActor } from '../auth/loadActor.ts';
import { withOrg, type Db } from '../db/client.ts';
import type { ImportUndo } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
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
			if (!isDomainError(error)) throw error;
			const { message } = error;
			await withOrg(db, job.orgId, (tx) =>
				tx.execute(sql`
					update imports set status = 'done', error = ${`It could not be taken back: ${message}`}
					where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid and status = 'undoing'`)
			);
			return;
		}
	}
}

/** @returns true when nothing is left to do */
const step = (db: Db, job: Job): Promise<boolean> =>
	withOrg(db, job.orgId, async (tx) => {
		const [found] = await tx.execute<Stored>(sql`
			select module_id, created_by, undo from imports
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid and status = 'undoing' for update`);
		const starter = found && (await loadActor(tx, job.orgId, found.created_by));
		if (!found || !starter) return true;
		const module = await getModule(tx, found.module_id);
		const done = await undoChunk(tx, { actor: starter.actor, module, importId: job.importId }, found.undo);
		await tx.execute(sql`
			update imports set ${done ? sql`undo = ${JSON.stringify(done)}::jsonb` : sql`status = 'undone', finished_at = app.now()`}
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid`);
		if (!done) await notifyImportEnd(tx, job);
		return done === null;
	});
