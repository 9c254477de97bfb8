import { and, eq, getTableColumns } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can } from '#lib/domain/access/permissions.ts';
import { loadActor } from '../auth/loadActor.ts';
import { commitLater } from '../db/commitLater.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { backgroundTasks } from '../db/schema/accounts.ts';
import { failpoint } from '../failpoint.ts';
import { lastingReason } from '../lastingReason.ts';
import { endTask } from './endTask.ts';
import { runTaskChunk } from './runTaskChunk.ts';

type Task = typeof backgroundTasks.$inferSelect;
const { input: inputColumn, ...stateColumns } = getTableColumns(backgroundTasks);

/**
 * ENR-1: bulk work in chunks, one transaction each, with the place to go on from in the same transaction: a killed worker
 * repeats nothing. The starter's permissions are read anew for each chunk (PER-4).
 */
export async function runBackgroundTask(
	db: Db,
	job: { orgId: string; taskId: string },
	signal?: AbortSignal
): Promise<void> {
	const { orgId, taskId } = job;
	try {
		// Stored once and never changed: up to a million ids, which are not read again with every chunk.
		const input = await withOrg(db, orgId, (tx) => readInput(tx, orgId, taskId));
		while (!signal?.aborted) {
			const done = await withOrg(db, orgId, (tx) => step(tx, { orgId, taskId, input }));
			failpoint('task.committed');
			if (done) return;
		}
	} catch (error) {
		// Anything else (the database is away) passes: the job is tried again and goes on where it was.
		const reason = lastingReason(error);
		if (reason === null) throw error;
		await withOrg(db, orgId, (tx) => endTask(tx, job, { status: 'failed', error: reason }));
		return;
	}
	throw new Error('The worker stops; another one goes on with this task.');
}

const named = (orgId: string, taskId: string) =>
	and(eq(backgroundTasks.orgId, orgId), eq(backgroundTasks.id, taskId));

async function readInput(tx: OrgTx, orgId: string, taskId: string): Promise<Task['input'] | undefined> {
	const [row] = await tx.select({ input: inputColumn }).from(backgroundTasks).where(named(orgId, taskId));
	return row?.input;
}

async function step(
	tx: OrgTx,
	{ orgId, taskId, input }: { orgId: string; taskId: string; input: Task['input'] | undefined }
): Promise<boolean> {
	const [task] = await tx
		.select(stateColumns)
		.from(backgroundTasks)
		.where(named(orgId, taskId))
		.for('update');
	if (!task || (task.status !== 'queued' && task.status !== 'running')) return true;
	const found = await loadActor(tx, orgId, task.createdBy);
	if (!found || !mayGoOn(found.actor, task.kind)) {
		const error = 'Whoever started this may not do it any more.';
		await endTask(tx, { orgId, taskId }, { status: 'failed', error });
		return true;
	}
	const { done, ...progress } = await runTaskChunk(tx, found.actor, { ...task, input });
	if (done) await endTask(tx, { orgId, taskId }, { ...progress, status: 'done' });
	else {
		await commitLater(tx);
		await tx
			.update(backgroundTasks)
			.set({ ...progress, status: 'running' })
			.where(named(orgId, taskId));
	}
	failpoint('task.written');
	return done;
}

/** Work on records asks for the rights of its module itself. */
function mayGoOn(actor: Actor, kind: string): boolean {
	if (kind === 'updateRecords' || kind === 'deleteRecords') return true;
	return can(actor, kind === 'unenroll' ? 'cadences.unenroll' : 'cadences.enroll');
}
