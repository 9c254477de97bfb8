import { and, eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { backgroundTasks } from '../db/schema/accounts.ts';

/**
 * Progress of long work, for its author and administrators.
 * @throws not_found
 */
export async function getBackgroundTask(tx: OrgTx, actor: Actor, id: string) {
	const [task] = await tx
		.select({
			kind: backgroundTasks.kind,
			status: backgroundTasks.status,
			total: backgroundTasks.total,
			processed: backgroundTasks.processed,
			result: backgroundTasks.result,
			error: backgroundTasks.error
		})
		.from(backgroundTasks)
		.where(
			and(
				eq(backgroundTasks.orgId, actor.orgId),
				eq(backgroundTasks.id, id),
				can(actor, 'admin') ? undefined : eq(backgroundTasks.createdBy, actor.userId)
			)
		);
	if (!task) throw new DomainError('not_found', 'There is no such background work.');
	return task;
}
