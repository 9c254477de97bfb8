import type { FieldDefinition, ModuleDefinition } from './fields.ts';

/** System fields that go along: whose it is, what it is called by, and what the person does not want. */
const systemKeys = ['timeZone', 'emailOptOut', 'callOptOut', 'whatsappOptOut', 'tags'] as const;

type Source = { ownerId: string; data: Readonly<Record<string, unknown>> } & Readonly<
	Record<(typeof systemKeys)[number], unknown>
>;

/** Whether a value of one field can stand in the other: the same type, and the same module behind a lookup. */
const fits = (from: FieldDefinition, to: FieldDefinition): boolean =>
	from.type === to.type && from.lookupModuleKey === to.lookupModuleKey;

/**
 * CRM-5: what a record of one module gives a new one of another: fields of equal keys that hold something and whose types
 * agree; of picklists only what the other one has. Owner, tags, time zone and opt-outs go along.
 */
export function convertedValues(
	from: ModuleDefinition,
	to: ModuleDefinition,
	record: Source
): Record<string, unknown> {
	const values: Record<string, unknown> = { owner: record.ownerId };
	for (const key of systemKeys) if (record[key] !== null) values[key] = record[key];
	for (const target of to.fields) {
		const source = from.fields.find((field) => field.key === target.key);
		const value = source && fits(source, target) ? keptOf(target, record.data[target.key]) : undefined;
		if (value !== undefined && value !== null && value !== '') values[target.key] = value;
	}
	return values;
}

function keptOf(target: FieldDefinition, value: unknown): unknown {
	if (target.type === 'picklist')
		return typeof value === 'string' && target.options.includes(value) ? value : undefined;
	if (target.type !== 'multiPicklist' || !Array.isArray(value)) return value;
	const kept = value.filter((one: unknown) => typeof one === 'string' && target.options.includes(one));
	return kept.length ? kept : undefined;
}
