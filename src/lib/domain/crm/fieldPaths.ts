import { mergeRoot } from '../mergeFields/check.ts';
import type { NamesField } from './fieldUses.ts';
import type { ModuleDefinition } from './fields.ts';

/**
 * How a field is named from a module: from its own (`rating`, `{{lead.rating}}`), or through a lookup that points there
 * (`contact.rating`, `{{deal.contact.rating}}`, `{{contact.rating}}`). Null when the module cannot name it.
 */
export function fieldPathsFrom(
	from: ModuleDefinition,
	target: { moduleKey: string; fieldKey: string }
): { names: NamesField; merges: NamesField } | null {
	const { fieldKey } = target;
	const isOwn = from.key === target.moduleKey;
	const lookups = new Set(
		from.fields.filter((field) => field.lookupModuleKey === target.moduleKey).map(({ key }) => key)
	);
	if (!isOwn && !lookups.size) return null;
	const roots = new Set(['record', mergeRoot(from.singular), from.key, ...(from.formerNames ?? [])]);
	const names: NamesField = ([first = '', second]) =>
		(isOwn && first === fieldKey) || (lookups.has(first) && second === fieldKey);
	return {
		names,
		// A lookup may stand first: `{{contact.email}}`. The field itself never does, unless it is such a lookup.
		merges: (path) =>
			roots.has(path[0] ?? '')
				? names(path.slice(1))
				: path.length > 1 && names(path) && (lookups.has(path[0] ?? '') || isLookup(from, fieldKey))
	};
}

const isLookup = (module: ModuleDefinition, key: string): boolean =>
	module.fields.some((field) => field.key === key && field.type === 'lookup');
