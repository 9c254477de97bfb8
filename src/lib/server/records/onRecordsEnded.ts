import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { announceChanges } from './announceChanges.ts';

/**
 * UNE-7: the records can have no live runs any more. The change itself is in record_changes (a trigger writes it with the
 * record); draining it ends the runs with this reason within seconds, and hand-over looks at the record again anyway.
 */
export async function onRecordsEnded(
	tx: OrgTx,
	_actor: Actor,
	_recordIds: readonly string[],
	_reason: 'record_deleted' | 'converted' | 'merged'
): Promise<void> {
	await announceChanges(tx);
}
