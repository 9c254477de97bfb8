import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkRecord } from '#lib/domain/crm/checkRecord.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { requireValid, type RecordValues } from './createRecords.ts';
import { lockRecords } from './lockRecords.ts';
import { writeRecords } from './writeRecords.ts';

/**
 * CRM-4: gives many records of a module the same values (bulk update). Records that the actor may not see are left out.
 * @returns ids of the records that changed
 * @throws forbidden, invalid
 */
export async function updateRecords(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; ids: readonly string[]; values: RecordValues }
): Promise<string[]> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'edit');
	const timeZone = await getOrgTimeZone(tx);
	const checked = checkRecord(module, input.values, { partial: true, timeZone });
	const found = await lockRecords(tx, actor, module, input.ids);
	// One row stands for all, except for unique fields: two records cannot take the same value.
	const hasUnique = module.fields.some((field) => field.unique && (checked.data[field.key] ?? null) !== null);
	await requireValid(tx, module, hasUnique ? found.map(({ id }) => ({ ...checked, id })) : [checked]);
	const changed: string[] = [];
	for (let start = 0; start < found.length; start += 2000)
		changed.push(
			...(await writeRecords(
				tx,
				actor.userId,
				module,
				found
					.slice(start, start + 2000)
					.map((record) => ({ record, data: checked.data, system: checked.system }))
			))
		);
	return changed;
}
