import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { backgroundTasks } from '../db/schema/accounts.ts';
import { enqueue } from '../jobs.ts';

export type TaskKind =
	'enroll' | 'unenroll' | 'pause' | 'resume' | 'restart' | 'skip' | 'updateRecords' | 'deleteRecords';

/** Long work with progress: stored and queued in the caller's transaction; a page polls it, the bell tells of its end. */
export async function startBackgroundTask(
	tx: OrgTx,
	actor: Actor,
	kind: TaskKind,
	input: Record<string, unknown>,
	total: number
): Promise<string> {
	const id = newId();
	await tx
		.insert(backgroundTasks)
		.values({ orgId: actor.orgId, id, kind, input, total, createdBy: actor.userId });
	// Those of an organization and kind one after the other: together they would hold all places of a worker, and what
	// others send or start would wait for minutes.
	const queue = `bulk/${actor.orgId}/${kind}`;
	await enqueue(tx, 'runBackgroundTask', { orgId: actor.orgId, taskId: id }, { key: `task:${id}`, queue });
	return id;
}
