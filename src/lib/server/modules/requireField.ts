import { DomainError } from '#lib/domain/errors.ts';
import type { FieldDefinition, ModuleDefinition } from '#lib/domain/crm/fields.ts';

/**
 * A field of the module itself, by key.
 * @throws not_found, also for system fields, which nobody changes
 */
export function requireField(module: ModuleDefinition, fieldKey: string): FieldDefinition {
	const field = module.fields.find(({ key }) => key === fieldKey);
	if (!field) throw new DomainError('not_found', `${module.plural} have no such field.`);
	return field;
}
