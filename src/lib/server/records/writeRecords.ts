import { sql } from 'drizzle-orm';
import { recordName, searchText, withoutBlanks, type CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import { fieldValue } from '#lib/domain/crm/fieldValue.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import { auditRecords } from './auditRecords.ts';
import type { RecordRow } from './recordRow.ts';

export type RecordPatch = {
	record: RecordRow;
	data: CheckedRecord['data'];
	system: CheckedRecord['system'];
	/** See `causeOf`. */
	cause?: string;
};

/**
 * Applies checked patches to records that the transaction has locked, in one statement, with their audit entries.
 * Patches that change nothing write nothing. `modified_at` always moves forward, so that two changes in one
 * millisecond are told apart by optimistic concurrency.
 * @returns ids of the records that changed
 */
export async function writeRecords(
	tx: OrgTx,
	userId: string | null,
	module: ModuleDefinition,
	patches: readonly RecordPatch[]
): Promise<string[]> {
	const changed = patches.flatMap(({ record, data, system, cause }) => {
		const before: Record<string, unknown> = {};
		const after: Record<string, unknown> = {};
		for (const [key, value] of Object.entries({ ...data, ...system })) {
			const old = fieldValue(record, key);
			if (JSON.stringify(old) === JSON.stringify(value ?? null)) continue;
			before[key] = old;
			after[key] = value ?? null;
		}
		return Object.keys(after).length ? [{ record, data, system, before, after, cause }] : [];
	});
	if (!changed.length) return [];
	const rows = changed.map(({ record, data: patch, system }) => {
		const data = withoutBlanks({ ...record.data, ...patch });
		const name = recordName(module, data);
		return {
			id: record.id,
			name,
			data,
			owner_id: system.owner ?? record.ownerId,
			tags: system.tags ?? record.tags,
			time_zone: system.timeZone === undefined ? record.timeZone : system.timeZone,
			email_opt_out: system.emailOptOut ?? record.emailOptOut,
			call_opt_out: system.callOptOut ?? record.callOptOut,
			whatsapp_opt_out: system.whatsappOptOut ?? record.whatsappOptOut,
			search: searchText(module, name, data)
		};
	});
	await tx.execute(sql`
		update records r set name = n.name, data = n.data, owner_id = n.owner_id,
			tags = array(select jsonb_array_elements_text(n.tags)), time_zone = n.time_zone,
			email_opt_out = n.email_opt_out, call_opt_out = n.call_opt_out, whatsapp_opt_out = n.whatsapp_opt_out,
			search = n.search, modified_by = ${userId}::uuid,
			modified_at = greatest(app.now(), r.modified_at + interval '1 millisecond')
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(id uuid, name text, data jsonb, owner_id uuid,
			tags jsonb, time_zone text, email_opt_out boolean, call_opt_out boolean, whatsapp_opt_out boolean, search text)
		where r.org_id = app.org_id() and r.id = n.id`);
	await auditRecords(
		tx,
		userId,
		'record.update',
		changed.map(({ record, before, after, cause }) => ({ recordId: record.id, before, after, cause }))
	);
	return rows.map((row) => row.id);
}
