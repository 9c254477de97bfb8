import { allFields, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { mergeRoot, organizationFields, ownerFields, senderFields } from '#lib/domain/mergeFields/check.ts';

/** One entry of the picker: what it is called and the text that is inserted. */
export type MergeField = { label: string; group: string; text: string };

const fixed = (group: string, root: string, fields: Record<string, string>): MergeField[] =>
	Object.entries(fields).map(([key, label]) => ({ group, label, text: `{{${root}.${key}}}` }));

/** What a template of this module may name; without a module only what every record has. */
export function mergeFieldList(module: ModuleDefinition | undefined): MergeField[] {
	const root = module ? mergeRoot(module.singular) : 'record';
	const own = module ? allFields(module) : [{ key: 'name', label: 'Name' }];
	return [
		...own.map(({ key, label }) => ({
			group: module?.singular ?? 'Record',
			label,
			text: /name/i.test(key) ? `{{${root}.${key} | default: "there"}}` : `{{${root}.${key}}}`
		})),
		...fixed('Owner', 'owner', ownerFields),
		...fixed('Sender', 'sender', senderFields),
		...fixed('Organization', 'organization', organizationFields)
	];
}
