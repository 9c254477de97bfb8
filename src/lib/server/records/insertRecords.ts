import { sql } from 'drizzle-orm';
import {
	recordName,
	searchText,
	withoutBlanks,
	type CheckedRecord,
	type RecordData
} from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';

export type NewRecord = {
	/** Made here when left out. */
	id?: string;
	ownerId: string;
	data: RecordData;
	tags?: string[] | undefined;
	timeZone?: string | null | undefined;
	emailOptOut?: boolean | undefined;
	callOptOut?: boolean | undefined;
	whatsappOptOut?: boolean | undefined;
	createdBy: string | null;
	/** For generated data; default now. */
	createdAt?: Date | undefined;
};

/** A checked input as a new record: the actor owns it unless an owner is given. */
export const newRecordOf = (
	{ data, system: { owner, ...system } }: Pick<CheckedRecord, 'data' | 'system'>,
	userId: string
): NewRecord => ({ ...system, data, ownerId: owner ?? userId, createdBy: userId });

/** So many rows a statement: one JSON parameter of a few megabytes. */
const chunk = 2000;

/**
 * Stores records that were checked already (createRecords, imports, generated data), set-based: no permission, no
 * validation, no audit. Name and search text are computed here and nowhere else but in writeRecords.
 * @returns the ids in the order of the rows
 */
export async function insertRecords(
	tx: OrgTx,
	module: ModuleDefinition,
	rows: readonly NewRecord[]
): Promise<string[]> {
	const prepared = rows.map((row) => {
		const data = withoutBlanks(row.data);
		const name = recordName(module, data);
		return {
			id: row.id ?? newId(),
			name,
			owner_id: row.ownerId,
			data,
			tags: row.tags ?? [],
			time_zone: row.timeZone ?? null,
			email_opt_out: row.emailOptOut ?? false,
			call_opt_out: row.callOptOut ?? false,
			whatsapp_opt_out: row.whatsappOptOut ?? false,
			search: searchText(module, name, data),
			created_by: row.createdBy,
			created_at: row.createdAt?.toISOString() ?? null
		};
	});
	for (let start = 0; start < prepared.length; start += chunk) {
		const part = JSON.stringify(prepared.slice(start, start + chunk));
		await tx.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data, tags, time_zone, email_opt_out, call_opt_out,
				whatsapp_opt_out, search, created_by, created_at, modified_by, modified_at)
			select app.org_id(), n.id, ${module.id}::uuid, n.name, n.owner_id, n.data,
				array(select jsonb_array_elements_text(n.tags)), n.time_zone, n.email_opt_out, n.call_opt_out,
				n.whatsapp_opt_out, n.search, n.created_by, coalesce(n.created_at, now.at), n.created_by,
				coalesce(n.created_at, now.at)
			from jsonb_to_recordset(${part}::jsonb) as n(id uuid, name text, owner_id uuid, data jsonb, tags jsonb,
				time_zone text, email_opt_out boolean, call_opt_out boolean, whatsapp_opt_out boolean, search text,
				created_by uuid, created_at timestamptz), (select app.now() as at) as now`);
	}
	return prepared.map((row) => row.id);
}
