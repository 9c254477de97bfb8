import { mergeFieldsOf, parseTemplate } from '../mergeFields/parse.ts';

/** How a cadence, view or template uses a field. */
export type FieldUse = 'condition' | 'update' | 'recipient' | 'text';

/** A path of keys as conditions, recipients and merge fields write it: `rating`, `contact.email`, `lead.rating`. */
export type NamesField = (path: readonly string[]) => boolean;

/**
 * CRM-3: where a field stands in a draft, a plan, criteria or texts: walks any JSON, so that what a cadence learns to do
 * later is found too.
 * @param names whether a path of conditions and recipients leads to the field
 * @param merges the same for a merge field, which begins with the name of a module
 */
export function findFieldUses(json: unknown, names: NamesField, merges: NamesField): Set<FieldUse> {
	const uses = new Set<FieldUse>();
	const walk = (part: unknown): void => {
		if (typeof part === 'string') {
			if (part.includes('{{') && mergeFieldsOf(parseTemplate(part)).some(({ path }) => merges(path)))
				uses.add('text');
		} else if (Array.isArray(part)) part.forEach(walk);
		else if (part !== null && typeof part === 'object') {
			const { field, op, recipient } = part as { field?: unknown; op?: unknown; recipient?: unknown };
			if (typeof field === 'string' && names(field.split('.')))
				uses.add(typeof op === 'string' ? 'condition' : 'update');
			if (typeof recipient === 'string' && names(recipient.split('.'))) uses.add('recipient');
			Object.values(part).forEach(walk);
		}
	};
	walk(json);
	return uses;
}
