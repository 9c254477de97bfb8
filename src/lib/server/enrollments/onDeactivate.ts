import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { haltRuns } from './haltRuns.ts';
import { holdMessages } from './holdMessages.ts';

export type DeactivateEffect = { paused: number; heldMessages: number };

/**
 * DEA-1: in the transaction that deactivates, under the cadence's exclusive lock: live runs are paused with their
 * remaining delays (ENR-9) and messages that were not begun are held. Passes and claims skip an inactive cadence, so
 * nothing starts after this commits.
 */
export async function onDeactivate(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId' | 'userId'>,
	{ cadenceId }: { cadenceId: string }
): Promise<DeactivateEffect> {
	const paused = await haltRuns(tx, actor, cadenceId);
	const heldMessages = await holdMessages(
		tx,
		actor.orgId,
		sql`m.cadence_id = ${cadenceId}::uuid`,
		'cadence_inactive'
	);
	return { paused, heldMessages };
}
