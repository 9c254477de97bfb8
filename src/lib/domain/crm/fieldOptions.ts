import type { FieldDefinition } from './fields.ts';

type Choices = Partial<Pick<FieldDefinition, 'options' | 'optionLabels' | 'retiredOptions'>>;
/** A stored value with the labels of its options in place; other values are themselves. */
export const labelled = <T>(field: Choices, value: T): T | string | string[] =>
	typeof value === 'string'
		? optionLabel(field, value)
		: Array.isArray(value)
			? value.map((one) => optionLabel(field, String(one)))
			: value;

export type FieldOption = { value: string; label: string };

/** CRM-3: what people read for a stored picklist value; it differs once the value was renamed. */
export const optionLabel = (field: Choices, value: string): string =>
	field.optionLabels && Object.hasOwn(field.optionLabels, value) ? field.optionLabels[value]! : value;

/** Values to choose from, in order, and the retired ones among `held`, so that a form does not lose what it shows. */
export function offeredOptions(field: Choices, held: readonly string[] = []): FieldOption[] {
	const retired = (field.retiredOptions ?? []).filter((value) => held.includes(value));
	return [...(field.options ?? []), ...retired].map((value) => ({ value, label: optionLabel(field, value) }));
}

/** For conditions: retired values too, since records hold them. */
export const knownOptions = (field: Choices): FieldOption[] => [
	...offeredOptions(field),
	...(field.retiredOptions ?? []).map((value) => ({
		value,
		label: `${optionLabel(field, value)} (retired)`
	}))
];

/**
 * The stored value that a text means, whatever the case of its letters: as stored, else as people read it.
 * @param retired also the values that cannot be chosen any more
 */
export function findOption(text: string, field: Choices, retired = false): string | null {
	const values = [...(field.options ?? []), ...(retired ? (field.retiredOptions ?? []) : [])];
	const plain = text.toLowerCase();
	return (
		values.find((value) => value === text) ??
		values.find((value) => optionLabel(field, value).toLowerCase() === plain) ??
		values.find((value) => value.toLowerCase() === plain) ??
		null
	);
}
