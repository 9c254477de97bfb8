/** CRM-3: the types a field of a module may have. `tags` exists once per record, as a system field. */
export const fieldTypes = [
	'text',
	'longText',
	'email',
	'phone',
	'url',
	'number',
	'currency',
	'percent',
	'date',
	'dateTime',
	'boolean',
	'picklist',
	'multiPicklist',
	'user',
	'lookup'
] as const;
export type FieldType = (typeof fieldTypes)[number];

export type FieldDefinition = {
	/** Key in records.data, or the name of a system field; never changes. */
	key: string;
	label: string;
	type: FieldType | 'tags';
	/** Picklist values that can be chosen, as records store them. A renamed one keeps its stored value. */
	options: readonly string[];
	/** Stored value -> what people read, for renamed ones. */
	optionLabels?: Readonly<Record<string, string>>;
	/** Values that records may still hold, but nobody can choose any more. */
	retiredOptions?: readonly string[];
	required: boolean;
	unique: boolean;
	/** `standard`: ships with the module; `custom`: added by an admin; `system`: a column every record has. */
	origin: 'standard' | 'custom' | 'system';
	/** Only the product itself writes it. */
	readOnly: boolean;
	/** Module a lookup points to. */
	lookupModuleKey: string | null;
};

export type ModuleDefinition = {
	id: string;
	/** `leads`, ...; what addresses and plans name. */
	key: string;
	singular: string;
	plural: string;
	kind: 'system' | 'custom';
	/** How merge fields called it before it was renamed. */
	formerNames?: readonly string[];
	/** Field keys whose values, joined by a space, are the record's name. */
	nameFields: readonly string[];
	/** Standard and custom fields in order; system fields are in `systemFields`. */
	fields: readonly FieldDefinition[];
};

const system = <K extends string>(key: K, label: string, type: FieldDefinition['type'], readOnly = false) =>
	({
		key,
		label,
		type,
		options: [],
		required: false,
		unique: false,
		origin: 'system',
		readOnly,
		lookupModuleKey: null
	}) satisfies FieldDefinition;

/** CRM-3: what every record has besides its module's fields. Kept in columns, not in records.data. */
export const systemFields = [
	system('name', 'Name', 'text', true),
	system('owner', 'Owner', 'user'),
	system('createdAt', 'Created at', 'dateTime', true),
	system('createdBy', 'Created by', 'user', true),
	system('modifiedAt', 'Modified at', 'dateTime', true),
	system('modifiedBy', 'Modified by', 'user', true),
	system('convertedAt', 'Converted at', 'dateTime', true),
	system('timeZone', 'Time zone', 'text'),
	system('emailOptOut', 'Email opt-out', 'boolean'),
	system('callOptOut', 'Call opt-out', 'boolean'),
	system('whatsappOptOut', 'WhatsApp opt-out', 'boolean'),
	system('tags', 'Tags', 'tags')
] as const satisfies readonly FieldDefinition[];

const systemKeys = new Set<string>(systemFields.map((field) => field.key));
/** Keys that no field of a module may take. */
export const isSystemKey = (key: string): boolean => systemKeys.has(key);

/** All fields of a module that criteria, columns and mappings may name: its own first, then the system's. */
export const allFields = (module: ModuleDefinition): readonly FieldDefinition[] => [
	...module.fields,
	...systemFields
];

/** The field of a module by key, its own or a system field; null when there is none. */
export const findField = (module: ModuleDefinition, key: string): FieldDefinition | null =>
	module.fields.find((field) => field.key === key) ?? systemFields.find((field) => field.key === key) ?? null;

export type ResolvedPath = {
	/** The lookup that leads to another module; null for a field of the module itself. */
	lookup: FieldDefinition | null;
	module: ModuleDefinition;
	field: FieldDefinition;
};

/**
 * Reads `email` or `contact.email` (GRA-8: one lookup, one step).
 * @returns null when a part does not exist
 */
export function resolveFieldPath(
	module: ModuleDefinition,
	path: string,
	modules: readonly ModuleDefinition[]
): ResolvedPath | null {
	const [first = '', second, ...rest] = path.split('.');
	const field = findField(module, first);
	if (!field || rest.length) return null;
	if (second === undefined) return { lookup: null, module, field };
	const target = modules.find((candidate) => candidate.key === field.lookupModuleKey);
	const targetField = target && findField(target, second);
	return target && targetField ? { lookup: field, module: target, field: targetField } : null;
}

/** Every path of a module to fields of these types, its own first, then through each lookup: recipients (GRA-8). */
export function fieldPathsOfType(
	module: ModuleDefinition,
	modules: readonly ModuleDefinition[],
	types: readonly FieldDefinition['type'][]
): { path: string; label: string; field: FieldDefinition }[] {
	const own = allFields(module)
		.filter((field) => types.includes(field.type))
		.map((field) => ({ path: field.key, label: field.label, field }));
	const through = module.fields
		.filter((field) => field.type === 'lookup')
		.flatMap((lookup) => {
			const target = modules.find((candidate) => candidate.key === lookup.lookupModuleKey);
			return (target ? allFields(target) : [])
				.filter((field) => types.includes(field.type))
				.map((field) => ({
					path: `${lookup.key}.${field.key}`,
					label: `${lookup.label} > ${field.label}`,
					field
				}));
		});
	return [...own, ...through];
}
