import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { FieldDefinition, ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { fields } from '../db/schema/crm.ts';
import { canBeUnique, fieldLabelSchema, requireFreeLabel } from './createField.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';
import { requireField } from './requireField.ts';

const changeSchema = z.object({
	label: fieldLabelSchema,
	required: z.boolean(),
	unique: z.boolean()
});
export type FieldChange = z.input<typeof changeSchema>;

/**
 * CRM-3: renames a field, and says whether it must be filled in and be different in every record. Views, cadences and
 * templates know fields by key, so a new label breaks none of them.
 * @throws forbidden, not_found, invalid; conflict when the label is taken, or when records already share a value
 */
export async function updateField(
	tx: OrgTx,
	actor: Actor,
	input: FieldChange & { moduleKey: string; fieldKey: string }
): Promise<void> {
	requirePermission(actor, 'admin');
	const parsed = changeSchema.safeParse(input);
	if (!parsed.success) {
		const issue = parsed.error.issues[0]!;
		throw new DomainError('invalid', issue.message, `/${issue.path.join('/')}`);
	}
	const change = parsed.data;
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const field = requireField(module, input.fieldKey);
	requireFreeLabel(module, change.label, field.key);
	if (!change.required && field.required && module.nameFields.at(-1) === field.key)
		throw new DomainError(
			'invalid',
			`${field.label} names the ${module.singular.toLowerCase()}, so it stays required.`,
			'/required'
		);
	if (change.unique && !canBeUnique.has(field.type))
		throw new DomainError('invalid', 'Only texts, addresses, phones and numbers can be unique.', '/unique');
	if (change.unique && !field.unique) await requireDistinct(tx, module, field);
	await tx
		.update(fields)
		.set(change)
		.where(and(eq(fields.orgId, actor.orgId), eq(fields.moduleId, module.id), eq(fields.key, field.key)));
	await writeAudit(tx, actor, {
		action: 'field.update',
		objectType: 'module',
		objectId: module.id,
		before: { key: field.key, label: field.label, required: field.required, unique: field.unique },
		after: { key: field.key, ...change }
	});
}

/** @throws conflict with one of the values that several living records hold */
export async function requireDistinct(
	tx: OrgTx,
	module: ModuleDefinition,
	field: Pick<FieldDefinition, 'key' | 'label'>
): Promise<void> {
	// The lock of checkUnique: nobody writes the value twice while we look.
	await tx.execute(
		sql`select pg_advisory_xact_lock(hashtextextended(${`unique:${module.id}:${field.key}`}::text, 0))`
	);
	const [twice] = await tx.execute<{ value: string; n: number }>(sql`
		select lower(r.data ->> ${field.key}::text) as value, count(*)::int as n from records r
		where r.org_id = app.org_id() and r.module_id = ${module.id}::uuid and r.deleted_at is null
			and r.data ? ${field.key}::text
		group by 1 having count(*) > 1 order by 2 desc limit 1`);
	if (twice)
		throw new DomainError(
			'conflict',
			`${twice.n.toLocaleString('en-US')} ${module.plural.toLowerCase()} hold "${twice.value}" as ${field.label}. Make the values different first.`,
			'/unique'
		);
}
