import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { optionsOf, type MappedColumn } from './mappedFields.ts';

/** The module as it will be once the import has made its fields and picklist values: what a preview checks against. */
export function extendModule(
	module: ModuleDefinition,
	mapped: readonly MappedColumn[],
	mapping: ImportMapping,
	mayAddOptions: boolean
): ModuleDefinition {
	const fields = module.fields.map((field) => {
		const source = mapped.find((candidate) => candidate.field.key === field.key);
		const isChoice = field.type === 'picklist' || field.type === 'multiPicklist';
		if (!source || !isChoice || !mapping.addOptions || !mayAddOptions) return field;
		return { ...field, options: [...field.options, ...optionsOf(source.column, field.type, source.replace)] };
	});
	return { ...module, fields: [...fields, ...mapped.filter(({ isNew }) => isNew).map(({ field }) => field)] };
}
