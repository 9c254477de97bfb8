import { findField, type FieldDefinition, type ModuleDefinition } from './fields.ts';
import { normalizePhone } from './addresses.ts';
import { readValue, type ReadOptions, type RecordValue } from './recordValues.ts';

export type RecordProblem = { field: string; label: string; message: string };
export type RecordData = Record<string, RecordValue>;

/** What a checked input stores: fields of the module, and system fields by their keys. */
export type CheckedRecord = {
	data: RecordData;
	system: {
		owner?: string;
		timeZone?: string | null;
		emailOptOut?: boolean;
		callOptOut?: boolean;
		whatsappOptOut?: boolean;
		tags?: string[];
	};
	problems: RecordProblem[];
	warnings: RecordProblem[];
};

/**
 * CRM-3, CRM-4: reads values by field key. Unknown and read-only keys are problems. With `partial` (an update) required
 * fields may be left out, but not emptied. Whether users and looked-up records exist is for the server.
 */
export function checkRecord(
	module: ModuleDefinition,
	values: Record<string, unknown>,
	options: ReadOptions & { partial?: boolean } = {}
): CheckedRecord {
	const checked: CheckedRecord = { data: {}, system: {}, problems: [], warnings: [] };
	const note = (list: RecordProblem[], field: FieldDefinition, message: string) =>
		list.push({ field: field.key, label: field.label, message });
	for (const [key, raw] of Object.entries(values)) {
		const field = findField(module, key);
		if (!field || field.readOnly) {
			const message = field
				? `${field.label} is set by the system.`
				: `${module.plural} have no field "${key}".`;
			checked.problems.push({ field: key, label: field?.label ?? key, message });
			continue;
		}
		const read = readValue(raw, field, options);
		if (read.problem) note(checked.problems, field, read.problem);
		else if (read.warning) note(checked.warnings, field, read.warning);
		if (read.problem) continue;
		if (field.origin === 'system') Object.assign(checked.system, { [key]: read.value });
		else checked.data[key] = read.value;
	}
	if (checked.system.owner === null) {
		checked.problems.push({ field: 'owner', label: 'Owner', message: 'Owner must be a user.' });
	}
	for (const field of module.fields) {
		const isUntouched = options.partial && !(field.key in checked.data);
		const isMissing = !isUntouched && !hasValue(checked.data[field.key]);
		const isReported = checked.problems.some((problem) => problem.field === field.key);
		if (field.required && isMissing && !isReported)
			note(checked.problems, field, `${field.label} is required.`);
	}
	return checked;
}

const hasValue = (value: RecordValue | undefined): boolean =>
	value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length);

/** Without the keys that hold nothing: what is stored. */
export const withoutBlanks = (data: RecordData): RecordData =>
	Object.fromEntries(Object.entries(data).filter(([, value]) => hasValue(value)));

/** Cut short; half a character would be refused with the whole set it is stored in. */
const cut = (text: string, max: number) => text.slice(0, max).toWellFormed();

/** CRM-7: the record's name: its name fields, else its first address, else a dash. */
export function recordName(module: ModuleDefinition, data: RecordData): string {
	const text = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
	const parts = module.nameFields.map(text).filter((part) => part !== '');
	if (parts.length) return cut(parts.join(' '), 500);
	const addresses = module.fields.filter((field) => field.type === 'email' || field.type === 'phone');
	return addresses.map((field) => text(field.key)).find((part) => part !== '') ?? '-';
}

/** CRM-7: what search looks at: lower-case name, e-mails, company, phones as typed and as dialled. */
export function searchText(module: ModuleDefinition, name: string, data: RecordData): string {
	const parts = [name];
	for (const field of module.fields) {
		const value = data[field.key];
		if (typeof value !== 'string') continue;
		if (field.type === 'email' || field.key === 'company') parts.push(value);
		if (field.type === 'phone') parts.push(value, normalizePhone(value) ?? '');
	}
	const words = new Set(parts.filter((part) => part !== '').map((part) => part.toLowerCase()));
	return cut([...words].join(' '), 2000);
}
