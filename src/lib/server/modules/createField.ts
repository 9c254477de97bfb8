import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { fieldKeyOf } from '#lib/domain/crm/fieldKey.ts';
import { allFields, fieldTypes, isSystemKey, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { fields } from '../db/schema/crm.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';

const optionsSchema = z
	.array(nameText('A value needs a name.').max(200, 'A value has 200 characters at most.'))
	.max(1000, 'A picklist has 1,000 values at most.')
	.transform((options) => [...new Set(options)]);

export const fieldLabelSchema = nameText('A field needs a label.').max(
	100,
	'A label has 100 characters at most.'
);

export const newFieldSchema = z.object({
	label: fieldLabelSchema,
	type: z.enum(fieldTypes),
	options: optionsSchema.default([]),
	required: z.boolean().default(false),
	unique: z.boolean().default(false),
	lookupModuleKey: z.string().nullable().default(null)
});
export type NewField = z.input<typeof newFieldSchema>;

const mostFields = 300;
export const canBeUnique: ReadonlySet<string> = new Set(['text', 'email', 'phone', 'url', 'number']);

/**
 * CRM-3: adds a custom field to a module.
 * @returns its key, made from the label; it never changes
 * @throws forbidden unless the actor is an administrator; invalid; conflict when the label is taken; limit
 */
export async function createField(
	tx: OrgTx,
	actor: Actor,
	input: NewField & { moduleKey: string }
): Promise<string> {
	requirePermission(actor, 'admin');
	const parsed = newFieldSchema.safeParse(input);
	if (!parsed.success) {
		const issue = parsed.error.issues[0]!;
		throw new DomainError('invalid', issue.message, `/${issue.path.join('/')}`);
	}
	const field = parsed.data;
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	requireFreeLabel(module, field.label);
	if (module.fields.length >= mostFields)
		throw new DomainError('limit', `A module has ${mostFields} fields at most.`);
	if ((field.type === 'picklist' || field.type === 'multiPicklist') && !field.options.length)
		throw new DomainError('invalid', 'A picklist needs at least one value.', '/options');
	if (field.unique && !canBeUnique.has(field.type))
		throw new DomainError('invalid', 'Only texts, addresses, phones and numbers can be unique.', '/unique');
	const target = field.type === 'lookup' ? await getModule(tx, field.lookupModuleKey ?? '') : null;
	// Records may hold values of deleted fields: their keys stay taken.
	const taken = new Set(
		(
			await tx.execute<{ key: string }>(sql`
		select key from fields where org_id = ${actor.orgId}::uuid and module_id = ${module.id}::uuid`)
		).map((row) => row.key)
	);
	const key = fieldKeyOf(field.label, (candidate) => isSystemKey(candidate) || taken.has(candidate));
	await tx.insert(fields).values({
		orgId: actor.orgId,
		id: newId(),
		moduleId: module.id,
		key,
		label: field.label,
		type: field.type,
		options: field.options,
		required: field.required,
		unique: field.unique,
		lookupModuleId: target?.id ?? null,
		position: taken.size + 1
	});
	await writeAudit(tx, actor, {
		action: 'field.create',
		objectType: 'module',
		objectId: module.id,
		after: { key, ...field }
	});
	return key;
}

/** @throws conflict when another field of the module, or one that every record has, is called so */
export function requireFreeLabel(module: ModuleDefinition, label: string, exceptKey?: string): void {
	if (
		allFields(module).some(
			({ key, label: other }) => key !== exceptKey && other.toLowerCase() === label.toLowerCase()
		)
	)
		throw new DomainError('conflict', `${module.plural} already have a field "${label}".`, '/label');
}
