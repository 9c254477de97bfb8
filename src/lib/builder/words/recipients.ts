import { mergeRoot } from '#lib/domain/mergeFields/check.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';

export type RecipientChoice = { path: string; label: string };

/** GRA-8: the fields of one type, of the record first, then of each record that a lookup names. */
export function recipientChoices(
	{ fields, related }: Pick<PublishContext, 'fields' | 'related'>,
	type: 'email' | 'phone'
): RecipientChoice[] {
	const own = fields.filter((field) => field.type === type).map(({ key, label }) => ({ path: key, label }));
	const looked = fields
		.filter((field) => field.type === 'lookup')
		.flatMap((lookup) =>
			(related[lookup.key] ?? [])
				.filter((field) => field.type === type)
				.map((field) => ({ path: `${lookup.key}.${field.key}`, label: `${lookup.label}: ${field.label}` }))
		);
	return [...own, ...looked];
}

/** What `{{...}}` may name in the texts of this module: its own fields, then those one lookup away. */
export function mergeFieldChoices({
	module,
	fields,
	related
}: Pick<PublishContext, 'module' | 'fields' | 'related'>): RecipientChoice[] {
	const root = mergeRoot(module.singular);
	return [
		{ path: `${root}.name`, label: 'Name' },
		{ path: 'owner.name', label: 'Owner: Name' },
		...fields.map(({ key, label }) => ({ path: `${root}.${key}`, label })),
		...fields.flatMap((lookup) =>
			(related[lookup.key] ?? []).map((field) => ({
				path: `${lookup.key}.${field.key}`,
				label: `${lookup.label}: ${field.label}`
			}))
		)
	];
}
