import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import type { FieldValue } from '#lib/components/fieldShape.ts';

const byKey: Record<string, string> = { firstName: 'Sam', lastName: 'Sample', company: 'Sample Inc.' };

/** A made-up person with whom most cadences run: a name and one of each address. */
export function sampleValues(fields: readonly FieldDefinition[]): Record<string, FieldValue> {
	const values: Record<string, FieldValue> = {};
	for (const { key, type, required, options, origin, readOnly } of fields) {
		if (origin === 'system' || readOnly) continue;
		if (type === 'email') values[key] = 'sam@sample.example';
		else if (type === 'phone') values[key] = '+1 202 555 0143';
		else if (byKey[key]) values[key] = byKey[key];
		else if (required && type === 'picklist') values[key] = options[0] ?? null;
		else if (required && (type === 'text' || type === 'longText')) values[key] = 'Sample';
	}
	return values;
}
