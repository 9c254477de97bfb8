import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { updateTaskStatus } from './updateTaskStatus.ts';

/** CRM-9: one key on the work queue. */
export const completeTask = (
	tx: OrgTx,
	actor: Actor,
	input: { activityId: string; note?: string }
): Promise<void> => updateTaskStatus(tx, actor, { ...input, status: 'Completed' });
