import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { createRecords, type RecordValues } from './createRecords.ts';

/**
 * CRM-4: creates one record.
 * @returns its id
 * @throws invalid with the pointer `/values/<field>` and all problems in `details`; forbidden
 */
export async function createRecord(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; values: RecordValues }
): Promise<string> {
	const [id] = await createRecords(tx, actor, { moduleKey: input.moduleKey, rows: [input.values] });
	return id!;
}
