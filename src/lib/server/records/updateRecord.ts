import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkRecord } from '#lib/domain/crm/checkRecord.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { requireValid, type RecordValues } from './createRecords.ts';
import { endOf } from './endOf.ts';
import { getRecord } from './getRecord.ts';
import { lockRecords } from './lockRecords.ts';
import type { RecordRow } from './recordRow.ts';
import { writeRecords } from './writeRecords.ts';

export type UpdateRecordInput = {
	recordId: string;
	/** Where it is looked for; left out: in any module. */
	moduleKey?: string | undefined;
	/** Only the fields to change; a blank empties. */
	values: RecordValues;
	/** `modifiedAt` of the record as it was read; left out: the last writer wins. */
	modifiedAt?: Date | string | undefined;
};

/**
 * CRM-4: changes one record.
 * @throws not_found, forbidden, invalid (pointer `/values/<field>`), conflict when it was changed since it was read
 */
export async function updateRecord(tx: OrgTx, actor: Actor, input: UpdateRecordInput): Promise<RecordRow> {
	const { module, record: read } = await getRecord(tx, actor, input.recordId, input.moduleKey);
	requireModule(actor, module.key, 'edit');
	const [record] = await lockRecords(tx, actor, module, [input.recordId]);
	if (!record) {
		const end = await endOf(tx, actor, module, read);
		const text = end?.how === 'merged' ? end.text : 'This record was deleted. Restore it before changing it.';
		throw new DomainError('not_found', text);
	}
	if (input.modifiedAt !== undefined && new Date(input.modifiedAt).getTime() !== record.modifiedAt.getTime())
		throw new DomainError(
			'conflict',
			`${record.name} was changed by somebody else meanwhile. Reload to see the change, then edit again.`,
			'/modifiedAt',
			{ modifiedAt: record.modifiedAt.toISOString(), modifiedBy: record.modifiedBy }
		);
	const timeZone = await getOrgTimeZone(tx);
	const checked = checkRecord(module, input.values, { partial: true, timeZone });
	// An address that was kept as typed by an import, or a retired value, is no obstacle to changing something else.
	checked.problems = checked.problems.filter(
		({ field }) => !(field in record.data && isDeepStrictEqual(record.data[field], input.values[field]))
	);
	await requireValid(tx, module, [{ ...checked, id: record.id }]);
	await writeRecords(tx, actor.userId, module, [{ record, data: checked.data, system: checked.system }]);
	return (await getRecord(tx, actor, record.id).catch(() => null))?.record ?? record;
}
