import { importMappingSchema, type ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { DomainError } from '#lib/domain/errors.ts';

/** @throws invalid with a pointer into the mapping */
export function parseMapping(input: unknown): ImportMapping {
	const parsed = importMappingSchema.safeParse(input);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0]!;
	throw new DomainError(
		'invalid',
		`The mapping cannot be read: ${issue.message}`,
		`/${issue.path.join('/')}`
	);
}
