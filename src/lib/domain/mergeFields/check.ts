import { systemFields } from '../crm/fields.ts';
import { mergeFieldsOf, type Template } from './parse.ts';

/** Fields that do not belong to a record. */
export const ownerFields = { name: 'Name', email: 'E-mail', timeZone: 'Time zone' } as const;
export const senderFields = { name: 'Name', address: 'Address' } as const;
export const organizationFields = { name: 'Name', postalAddress: 'Postal address' } as const;

/** What a template may name: the fields of one module and of the modules its lookups point to. */
export type MergeContext = {
	/** `mergeRoot` and key of the module (`lead`, `leads`), and its earlier names: all are understood, as is `record`. */
	roots: readonly string[];
	fields: ReadonlySet<string>;
	/** Lookup field key -> fields of the module it points to. */
	related: ReadonlyMap<string, ReadonlySet<string>>;
};

/** How a module is called in merge fields: `lead` from `Lead`, `purchaseorder` from `Purchase order`. */
export const mergeRoot = (singular: string): string => singular.toLowerCase().replace(/[^a-z0-9]+/g, '');

type Keyed = { key: string };

/** The merge context of a module, system fields of records included. */
export const mergeContextOf = (
	module: { key: string; singular: string; formerNames?: readonly string[] },
	fields: readonly Keyed[],
	related: Readonly<Record<string, readonly Keyed[]>>
): MergeContext => {
	const keys = (own: readonly Keyed[]) => new Set([...own, ...systemFields].map((field) => field.key));
	return {
		roots: [mergeRoot(module.singular), module.key, ...(module.formerNames ?? [])],
		fields: keys(fields),
		related: new Map(Object.entries(related).map(([lookup, own]) => [lookup, keys(own)]))
	};
};

const fixedRoots: Record<string, object> = {
	owner: ownerFields,
	sender: senderFields,
	organization: organizationFields
};

/** Every merge field that names nothing, as sentences (RELIABILITY.md 4: an unknown field is a publish error). */
export function checkTemplate(template: Template, context: MergeContext): string[] {
	const problems = template.problems.map((problem) => problem.message);
	for (const { path, source } of mergeFieldsOf(template)) {
		const [root, field, further] = path as [string, string, string?];
		const fixed = fixedRoots[root];
		if (fixed) {
			if (further || !Object.hasOwn(fixed, field))
				problems.push(`${source}: "${root}" has ${Object.keys(fixed).join(', ')}.`);
		} else if (context.roots.includes(root) || root === 'record') {
			if (!further) {
				if (!context.fields.has(field)) problems.push(`${source}: there is no field "${field}".`);
			} else problems.push(...checkRelated(source, field, further, context));
		} else if (!further && context.related.has(root))
			problems.push(...checkRelated(source, root, field, context));
		else problems.push(`${source}: "${root}" is not known here. Use ${context.roots[0] ?? 'record'}.`);
	}
	return problems;
}

function checkRelated(source: string, lookup: string, field: string, context: MergeContext): string[] {
	const related = context.related.get(lookup);
	if (!related) return [`${source}: "${lookup}" is not a lookup field.`];
	return related.has(field) ? [] : [`${source}: there is no field "${field}" behind "${lookup}".`];
}
