import { mergeContextOf, type MergeContext } from '../mergeFields/check.ts';
import type { ModuleDefinition } from '../crm/fields.ts';
import type { ContextCadence, ContextField, PublishContext } from './publishContext.ts';

/** The context with what is asked for again and again looked up once. */
export type ContextIndex = {
	context: PublishContext;
	merge: MergeContext;
	templates: Map<string, PublishContext['templates'][number]>;
	whatsappTemplates: Map<string, PublishContext['whatsappTemplates'][number]>;
	senders: Map<string, PublishContext['senders'][number]>;
	users: Map<string, PublishContext['users'][number]>;
	cadences: Map<string, ContextCadence>;
	fields: Map<string, ContextField>;
	/** Field path -> type, one lookup deep. */
	paths: Map<string, string>;
	/** What criteria are checked against. */
	module: ModuleDefinition;
};

const byId = <T extends { id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]));

export function indexContext(context: PublishContext): ContextIndex {
	const paths = new Map<string, string>(context.fields.map((field) => [field.key, field.type]));
	for (const [lookup, fields] of Object.entries(context.related))
		for (const field of fields) paths.set(`${lookup}.${field.key}`, field.type);
	return {
		context,
		merge: mergeContextOf(context.module, context.fields, context.related),
		templates: byId(context.templates),
		whatsappTemplates: byId(context.whatsappTemplates),
		senders: byId(context.senders),
		users: byId(context.users),
		cadences: byId(context.cadences),
		fields: new Map(context.fields.map((field) => [field.key, field])),
		paths,
		module: contextModule(context)
	};
}

/** The module as `checkCriteria` wants it, which looks at keys, labels and types alone. */
export const contextModule = ({ module, fields }: PublishContext): ModuleDefinition => ({
	...module,
	nameFields: [],
	fields: fields.map(({ key, label, type, lookupModuleKey }) => ({
		key,
		label,
		type,
		lookupModuleKey: lookupModuleKey ?? null,
		options: [],
		required: false,
		unique: false,
		origin: 'standard',
		readOnly: false
	}))
});
