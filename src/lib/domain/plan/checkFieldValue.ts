import { isId } from '../ids.ts';
import type { DraftNodeOf } from '../cadence/draft.ts';
import type { ContextField } from './publishContext.ts';

export type FieldUpdate = DraftNodeOf<'updateField'>['value'];

/** Texts may hold merge fields; every other type takes a value of its own. */
export const takesMergeFields = (type: ContextField['type']): boolean =>
	type === 'text' || type === 'longText';

/**
 * GRA-8: why an action cannot write this field; null when it can. Lookups and unique fields have a value of their own in
 * every record; owner and tags have actions of their own.
 */
export function updateRefusal(field: ContextField): string | null {
	if (field.readOnly) return `"${field.label}" is set by the system. Choose another field.`;
	if (field.type === 'lookup' || field.type === 'tags')
		return `"${field.label}" names another record. Choose another field.`;
	return field.unique ? `"${field.label}" is different in every record. Choose another field.` : null;
}

const isDay = (value: string): boolean =>
	/^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.slice(0, 10) === value;
const isInstant = (value: string): boolean =>
	/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
	!Number.isNaN(Date.parse(value)) &&
	isDay(value.slice(0, 10));
const isEmail = (value: string): boolean =>
	value.length <= 254 && /^[^\s@",<>]{1,64}@([a-z0-9-]+\.)+[a-z0-9-]{2,}$/i.test(value);
const isWebAddress = (value: string): boolean => {
	const address = /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`;
	return !/\s/.test(value) && /^https?:/i.test(address) && URL.canParse(address) && address.includes('.');
};
const isPhone = (value: string): boolean => /\d\D*\d\D*\d/.test(value) && value.length <= 60;

/** GRA-9: what is wrong with the value a field is set to, in words; null when nothing is. null clears the field. */
export function fieldValueProblem(field: ContextField, value: FieldUpdate): string | null {
	const name = `"${field.label}"`;
	if (value === null) return field.required ? `${name} is required and cannot be emptied.` : null;
	if (value === '' || (Array.isArray(value) && !value.length)) return `Say what ${name} becomes.`;
	const isText = typeof value === 'string';
	const text = isText ? value.trim() : '';
	if (isText && !text) return `Say what ${name} becomes.`;
	const must = (fits: boolean, what: string) => (fits ? null : `${name} must be ${what}.`);
	switch (field.type) {
		case 'text':
		case 'longText':
			if (!isText) return `${name} must be a text.`;
			return field.type === 'text' && text.length > 1000 ? `${name} can be 1000 characters at most.` : null;
		case 'email':
			return must(isText && isEmail(text), 'an e-mail address such as ada@example.com');
		case 'phone':
			return must(isText && isPhone(text), 'a phone number');
		case 'url':
			return must(isText && isWebAddress(text), 'a web address such as https://example.com');
		case 'number':
		case 'currency':
		case 'percent':
			return must(typeof value === 'number' && Number.isFinite(value), 'a number');
		case 'date':
			return must(isText && isDay(value), 'a date such as 2026-05-31');
		case 'dateTime':
			return must(isText && isInstant(value), 'a date and time');
		case 'boolean':
			return must(typeof value === 'boolean', 'Yes or No');
		case 'picklist':
			return checkOptions(field, isText ? [value] : null);
		case 'multiPicklist':
			return checkOptions(field, Array.isArray(value) ? value : null);
		case 'user':
			return must(isId(value), 'a user');
		case 'lookup':
		case 'tags':
			return updateRefusal(field);
	}
}

function checkOptions(field: ContextField, values: readonly string[] | null): string | null {
	if (!values) return `"${field.label}" needs one of its values.`;
	const unknown = values.find((value) => !(field.options ?? []).includes(value));
	return unknown === undefined
		? null
		: `"${field.label}" has no value "${unknown}" (any more). Choose another.`;
}
