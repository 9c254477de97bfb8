import { sql, type SQL } from 'drizzle-orm';
import { labelled } from '#lib/domain/crm/fieldOptions.ts';
import type { FieldType } from '#lib/domain/crm/fields.ts';
import { isId } from '#lib/domain/ids.ts';
import { mergeRoot } from '#lib/domain/mergeFields/check.ts';
import { formatValue } from '#lib/domain/mergeFields/formatValue.ts';
import type { MergeRecord, MergeValues } from '#lib/domain/mergeFields/values.ts';
import { isTimeZone } from '#lib/domain/time/zone.ts';
import type { Executor } from '../db/client.ts';
import type { RecordData } from '#lib/domain/crm/checkRecord.ts';

export type MergeKey = { orgId: string; recordId: string; senderId?: string | null };

type RecordColumns = {
	org_id: string;
	id: string;
	module_id: string;
	name: string;
	data: RecordData;
	tags: string[];
	time_zone: string | null;
	created_at: string;
};
type Row = RecordColumns & {
	i: number;
	module_key: string;
	singular: string;
	former_names: string[];
	org: { name: string; postalAddress: string; timeZone: string };
	owner: Record<string, string>;
	sender: Record<string, string> | null;
};
type FieldRow = {
	module_id: string;
	key: string;
	type: FieldType;
	option_labels: Record<string, string>;
};

/**
 * What merge fields of these records say, formatted for people: four statements for a set of any size, in the order of
 * `keys`. A record that is gone gives undefined. Serves the engine's texts, the outbox and previews alike; the worker
 * sees every organization, so each join names it.
 */
export async function readMergeValues(
	tx: Executor,
	keys: readonly MergeKey[],
	/** Rows in the shape of `records`; a simulated record stands in no table (VER-7). */
	source: SQL = sql`records`
): Promise<(MergeValues | undefined)[]> {
	const result = new Array<MergeValues | undefined>(keys.length).fill(undefined);
	if (!keys.length) return result;
	const rows = await tx.execute<Row>(sql`
		select k.i, r.org_id, r.id, r.module_id, r.name, r.data, to_jsonb(r.tags) as tags, r.time_zone, r.created_at,
			m.key as module_key, m.singular, m.former_names,
			jsonb_build_object('name', o.name, 'postalAddress', o.postal_address, 'timeZone', o.time_zone) as org,
			jsonb_build_object('name', u.name, 'email', u.email, 'timeZone', u.time_zone) as owner,
			case when s.id is null then null else jsonb_build_object('name', s.name, 'address', s.address) end as sender
		from jsonb_to_recordset(${JSON.stringify(keys.map((key, i) => ({ i, ...key })))}::jsonb)
			as k(i int, "orgId" uuid, "recordId" uuid, "senderId" uuid)
		join ${source} r on r.org_id = k."orgId" and r.id = k."recordId"
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		join organizations o on o.id = r.org_id
		left join users u on u.org_id = r.org_id and u.id = r.owner_id
		left join senders s on s.org_id = r.org_id and s.id = k."senderId"`);
	const fields = await readFields(tx, rows);
	const targets = await readTargets(tx, rows, fields);
	const targetFields = await readFields(tx, [...targets.records.values()]);
	for (const row of rows) {
		const zone = zoneOf(row);
		const lookups = (fields.get(row.module_id) ?? []).filter((field) => field.type === 'lookup');
		const behind = lookups.flatMap(({ key }): [string, MergeRecord][] => {
			const target = targets.records.get(String(row.data[key]));
			return target
				? [[key, valuesOf(target, targetFields.get(target.module_id) ?? [], targets.names, zone)]]
				: [];
		});
		result[row.i] = {
			roots: [mergeRoot(row.singular), row.module_key, ...row.former_names],
			record: {
				...valuesOf(row, fields.get(row.module_id) ?? [], targets.names, zone),
				owner: row.owner['name']
			},
			related: Object.fromEntries(behind),
			owner: row.owner,
			sender: row.sender ?? {},
			organization: { name: row.org.name, postalAddress: row.org.postalAddress }
		};
	}
	return result;
}

const zoneOf = (row: Row): string =>
	row.time_zone !== null && isTimeZone(row.time_zone) ? row.time_zone : row.org.timeZone;

async function readFields(tx: Executor, rows: readonly RecordColumns[]): Promise<Map<string, FieldRow[]>> {
	const modules = [
		...new Map(rows.map((row) => [row.module_id, { o: row.org_id, m: row.module_id }])).values()
	];
	if (!modules.length) return new Map();
	const found = await tx.execute<FieldRow>(sql`
		select f.module_id, f.key, f.type, f.option_labels
		from jsonb_to_recordset(${JSON.stringify(modules)}::jsonb) as k(o uuid, m uuid)
		join fields f on f.org_id = k.o and f.module_id = k.m`);
	return Map.groupBy(found, (field) => field.module_id);
}

/** The records and users that lookup and user fields name. */
async function readTargets(
	tx: Executor,
	rows: readonly Row[],
	fields: Map<string, FieldRow[]>
): Promise<{ records: Map<string, RecordColumns>; names: Map<string, string> }> {
	const wanted = rows.flatMap((row) =>
		(fields.get(row.module_id) ?? [])
			.filter((field) => field.type === 'lookup' || field.type === 'user')
			.map((field) => ({ o: row.org_id, id: row.data[field.key], user: field.type === 'user' }))
			.filter(({ id }) => isId(id))
	);
	if (!wanted.length) return { records: new Map(), names: new Map() };
	const found = await tx.execute<RecordColumns & { person: boolean }>(sql`
		with k as (
			select distinct o, id, "user" from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as k(o uuid, id uuid, "user" boolean)
		)
		select r.org_id, r.id, r.module_id, r.name, r.data, to_jsonb(r.tags) as tags, r.time_zone, r.created_at, false as person
		from k join records r on r.org_id = k.o and r.id = k.id and r.deleted_at is null where not k."user"
		union all
		select u.org_id, u.id, u.id, u.name, '{}'::jsonb, '[]'::jsonb, null, u.created_at, true
		from k join users u on u.org_id = k.o and u.id = k.id where k."user"`);
	return {
		records: new Map(found.filter((row) => !row.person).map((row) => [row.id, row])),
		names: new Map(found.map((row) => [row.id, row.name]))
	};
}

function valuesOf(
	row: RecordColumns,
	fields: readonly FieldRow[],
	names: ReadonlyMap<string, string>,
	zone: string
): MergeRecord {
	const values: Record<string, string | null> = {};
	for (const { key, type, option_labels: optionLabels } of fields) {
		const value = labelled({ optionLabels }, row.data[key]);
		values[key] =
			type === 'lookup' || type === 'user'
				? (names.get(String(value)) ?? null)
				: formatValue(type, value, zone);
	}
	values['name'] = row.name;
	values['tags'] = row.tags.join(', ');
	values['timeZone'] = row.time_zone;
	values['createdAt'] = formatValue('dateTime', new Date(row.created_at).toISOString(), zone);
	return values;
}
