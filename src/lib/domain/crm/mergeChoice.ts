import { systemFields, type FieldDefinition, type ModuleDefinition } from './fields.ts';
import { fieldValue, type RecordLike } from './fieldValue.ts';
import type { RecordValue } from './recordValues.ts';

type Candidate = RecordLike & { id: string };

/** Field key -> the record whose value survives. */
export type MergePicks = Record<string, string>;

/** More would not fit beside each other to be compared. */
export const mostMerged = 5;

/** Kept of all of them, whoever stays: nothing to choose. */
const united: readonly string[] = ['tags', 'emailOptOut', 'callOptOut', 'whatsappOptOut'];

const isBlank = (value: RecordValue) =>
	value === null || value === '' || (Array.isArray(value) && !value.length);
const same = (a: RecordValue, b: RecordValue) =>
	(isBlank(a) && isBlank(b)) || JSON.stringify(a) === JSON.stringify(b);

/** CRM-5: what a person writes and merging does not unite by itself. */
const choosable = (module: ModuleDefinition): FieldDefinition[] =>
	[...module.fields, ...systemFields].filter(({ key, readOnly }) => !readOnly && !united.includes(key));

/** CRM-5: the fields in which the records differ: those there is something to choose in. */
export const differingFields = (
	module: ModuleDefinition,
	records: readonly RecordLike[]
): FieldDefinition[] =>
	choosable(module).filter(({ key }) =>
		records.some((record) => !same(fieldValue(record, key), fieldValue(records[0]!, key)))
	);

/** CRM-5: what is proposed: the values of the one that stays, and where it has none the first there is. */
export function proposedPicks(
	fields: readonly FieldDefinition[],
	records: readonly Candidate[],
	winnerId: string
): MergePicks {
	const order = records.toSorted((a, b) => Number(b.id === winnerId) - Number(a.id === winnerId));
	return Object.fromEntries(
		fields.map(({ key }) => [
			key,
			(order.find((record) => !isBlank(fieldValue(record, key))) ?? order[0]!).id
		])
	);
}

/** CRM-5: what the one that stays takes over from the others. */
export function pickedValues(
	module: ModuleDefinition,
	records: readonly Candidate[],
	winnerId: string,
	picks: MergePicks
): Record<string, RecordValue> {
	const winner = records.find(({ id }) => id === winnerId);
	const values: Record<string, RecordValue> = {};
	for (const { key } of choosable(module)) {
		const from = records.find(({ id }) => id === picks[key]);
		if (!winner || !from) continue;
		const value = fieldValue(from, key);
		if (!same(value, fieldValue(winner, key))) values[key] = value;
	}
	return values;
}
