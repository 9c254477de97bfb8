import type { Actor } from '#lib/domain/access/actor.ts';
import { can, canInModule, requirePermission } from '#lib/domain/access/permissions.ts';
import { findField, type FieldDefinition, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { replacedBy, type ImportColumn, type ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { DomainError } from '#lib/domain/errors.ts';

export type MappedColumn = {
	column: ImportColumn;
	field: FieldDefinition;
	/** The field does not exist yet. */
	isNew: boolean;
	replace: Record<string, string>;
};

const consentKeys = new Set(['emailOptOut', 'callOptOut', 'whatsappOptOut']);

/**
 * Resolves a mapping against the module: every target exists, is writable and is filled by one column; required fields
 * are covered; owner and consent may be set by this actor (RELIABILITY.md 4).
 * @throws invalid with a pointer into the mapping; forbidden
 */
export function mappedFields(
	actor: Actor,
	module: ModuleDefinition,
	columns: readonly ImportColumn[],
	mapping: ImportMapping
): MappedColumn[] {
	const refuse = (message: string, pointer: string): never => {
		throw new DomainError('invalid', message, pointer);
	};
	const mapped = mapping.columns.flatMap(({ column: index, target, replace }, place): MappedColumn[] => {
		const pointer = `/columns/${place}/target`;
		const column = columns.find((candidate) => candidate.index === index);
		if (!column) return refuse('The file has no such column.', pointer);
		if (target.kind === 'skip') return [];
		if (target.kind === 'new') {
			requirePermission(actor, 'admin');
			if (target.type === 'lookup' || target.type === 'user')
				return refuse(`A new field for "${column.header}" cannot be a ${target.type}.`, pointer);
			if (module.fields.some((field) => field.label.toLowerCase() === target.label.toLowerCase()))
				return refuse(
					`${module.plural} already have a field "${target.label}". Map the column to it.`,
					pointer
				);
			return [{ column, field: newField(target.label, target.type, column, replace), isNew: true, replace }];
		}
		const field = findField(module, target.key);
		if (!field || field.readOnly)
			return refuse(`"${column.header}" is mapped to a field that cannot be set.`, pointer);
		requireSettable(actor, module, field);
		return [{ column, field, isNew: false, replace }];
	});
	const keys = mapped.map(({ field, isNew }) => (isNew ? field.label.toLowerCase() : field.key));
	const twice = keys.findIndex((key, place) => keys.indexOf(key) !== place);
	if (twice >= 0) refuse(`Two columns are mapped to "${mapped[twice]!.field.label}". Keep one.`, '/columns');
	if (!mapped.length) refuse('Map at least one column to a field.', '/columns');
	const missing = module.fields.find((field) => field.required && !keys.includes(field.key));
	if (missing && mapping.duplicates?.action !== 'update')
		refuse(`${missing.label} is required. Map a column to it.`, '/columns');
	const { duplicates } = mapping;
	if (duplicates && !mapped.some(({ field, isNew }) => !isNew && field.key === duplicates.field))
		refuse(
			'Duplicates are found by a field that no column is mapped to. Map one, or choose another.',
			'/duplicates/field'
		);
	return mapped;
}

function requireSettable(actor: Actor, module: ModuleDefinition, field: FieldDefinition): void {
	if (field.origin !== 'system' || can(actor, 'admin')) return;
	const seesAll = actor.permissions.recordVisibility === 'all';
	if (field.key === 'owner' && !seesAll)
		throw new DomainError(
			'forbidden',
			'Your profile may import records for yourself only. Leave the owner out.'
		);
	if (consentKeys.has(field.key) && !(seesAll && canInModule(actor, module.key, 'edit')))
		throw new DomainError('forbidden', `Your profile may not import "${field.label}". Leave the column out.`);
}

/** The field as it will be made; its key stands in until then. */
function newField(
	label: string,
	type: FieldDefinition['type'],
	column: ImportColumn,
	replace: Record<string, string>
): FieldDefinition {
	const isChoice = type === 'picklist' || type === 'multiPicklist';
	return {
		key: `new:${column.index}`,
		label,
		type,
		options: isChoice ? optionsOf(column, type, replace) : [],
		required: false,
		unique: false,
		origin: 'custom',
		readOnly: false,
		lookupModuleKey: null
	};
}

/**
 * Picklist values that a column brings, after replacements.
 * @throws invalid when the column has too many different values to be choices
 */
export function optionsOf(
	column: ImportColumn,
	type: FieldDefinition['type'],
	replace: Record<string, string>
): string[] {
	if (!column.values)
		throw new DomainError(
			'invalid',
			`"${column.header}" has too many different values for a picklist. Choose text.`
		);
	const values = column.values.map(({ value }) => replacedBy(replace, value) ?? value);
	const parts = type === 'multiPicklist' ? values.flatMap((value) => value.split(';')) : values;
	return [...new Set(parts.map((value) => value.trim()).filter((value) => value !== ''))];
}
