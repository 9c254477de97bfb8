import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { fields } from '../db/schema/crm.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';
import { requireField } from './requireField.ts';

export const fieldOptionsSchema = z
	.array(
		z.object({
			/** As records store it; null for a new one. */
			value: z.string().max(200).nullable(),
			label: nameText('A value needs a name.').max(200, 'A value has 200 characters at most.'),
			retired: z.boolean()
		})
	)
	.max(1000, 'A picklist has 1,000 values at most.');
export type FieldOptionInput = z.input<typeof fieldOptionsSchema>[number];

/**
 * CRM-3: the values of a picklist as they shall be: renamed, in this order, retired or offered again, with new ones.
 * Records, views and cadences keep the stored value, which never changes; a value is retired, never taken away.
 * @throws forbidden, not_found; invalid with the pointer of the value; conflict when somebody changed the list meanwhile
 */
export async function updateFieldOptions(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; fieldKey: string; options: readonly FieldOptionInput[] }
): Promise<void> {
	requirePermission(actor, 'admin');
	const parsed = fieldOptionsSchema.safeParse(input.options);
	if (!parsed.success) {
		const issue = parsed.error.issues[0]!;
		throw new DomainError('invalid', issue.message, `/options/${issue.path.join('/')}`);
	}
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const field = requireField(module, input.fieldKey);
	if (field.type !== 'picklist' && field.type !== 'multiPicklist')
		throw new DomainError('invalid', `"${field.label}" is no picklist.`);
	const next = arrange(field, parsed.data);
	await tx
		.update(fields)
		.set(next)
		.where(and(eq(fields.orgId, actor.orgId), eq(fields.moduleId, module.id), eq(fields.key, field.key)));
	await writeAudit(tx, actor, {
		action: 'field.updateOptions',
		objectType: 'module',
		objectId: module.id,
		before: { key: field.key, options: field.options, retiredOptions: field.retiredOptions },
		after: { key: field.key, ...next }
	});
}

function arrange(field: FieldDefinition, options: z.output<typeof fieldOptionsSchema>) {
	const known = [...field.options, ...(field.retiredOptions ?? [])];
	const given = options.flatMap(({ value }) => (value === null ? [] : [value]));
	if (given.length !== known.length || known.some((value) => !given.includes(value)))
		throw new DomainError(
			'conflict',
			`Somebody else changed the values of "${field.label}" meanwhile. Reload, then edit again.`
		);
	if (options.every(({ retired }) => retired))
		throw new DomainError('invalid', 'A picklist needs at least one value to choose.', '/options');
	const stored = options.map((option) => ({ ...option, value: option.value ?? option.label }));
	stored.forEach(({ label }, index) => {
		// A text means one value only, as stored or as read: else an import could not tell which.
		const plain = label.toLowerCase();
		const other = stored.find(
			(one, place) =>
				place !== index && (one.label.toLowerCase() === plain || one.value.toLowerCase() === plain)
		);
		if (!other) return;
		const why =
			other.label.toLowerCase() === plain
				? `"${label}" is there twice.`
				: `"${other.label}" was called "${label}" before, and records and cadences still know it so.`;
		throw new DomainError('invalid', `${why} Choose another name.`, `/options/${index}/label`);
	});
	return {
		options: stored.filter(({ retired }) => !retired).map(({ value }) => value),
		retiredOptions: stored.filter(({ retired }) => retired).map(({ value }) => value),
		optionLabels: Object.fromEntries(
			stored.filter(({ value, label }) => label !== value).map(({ value, label }) => [value, label])
		)
	};
}
