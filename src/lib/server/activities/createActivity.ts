import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { activities } from '../db/schema/engine.ts';
import { requireLiving } from '../records/endOf.ts';
import { getRecord } from '../records/getRecord.ts';

export const createActivitySchema = z.object({
	kind: z.enum(['task', 'call']),
	recordId: z.uuid(),
	subject: nameText('Say in a few words what is to be done.').max(
		250,
		'A subject has 250 characters at most.'
	),
	description: z.string().max(5000).default(''),
	/** Absent: the actor. */
	ownerId: z.uuid().optional(),
	dueAt: z.iso.datetime({ offset: true }).nullable().default(null),
	/** Minutes before due; null = no reminder. */
	remindMinutes: z.int().min(0).max(10_080).nullable().default(null),
	priority: z.enum(['Low', 'Normal', 'High']).default('Normal'),
	phone: z.string().max(40).nullable().default(null)
});

/**
 * CRM-8, CRM-9: a task or call made by hand on a record.
 * @returns its id
 * @throws not_found, forbidden without edit permission, invalid (a record that is over, call without a start, inactive
 * owner)
 */
export async function createActivity(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof createActivitySchema>
): Promise<string> {
	const values = createActivitySchema.parse(input);
	const { module, record } = await getRecord(tx, actor, values.recordId);
	requireModule(actor, module.key, 'edit');
	await requireLiving(tx, actor, module, record);
	if (values.kind === 'call' && !values.dueAt)
		throw new DomainError('invalid', 'A call needs a start time.', '/dueAt');
	const ownerId = values.ownerId ?? actor.userId;
	const [owner] = await tx.execute(sql`
		select 1 as ok from users where org_id = ${actor.orgId} and id = ${ownerId} and active`);
	if (!owner) throw new DomainError('invalid', 'Choose an active user as the owner.', '/ownerId');
	const id = newId();
	// What the record can be called at, unless another number is given.
	const ownNumber = module.fields
		.filter(({ type }) => type === 'phone')
		.map(({ key }) => record.data[key])
		.find((value) => typeof value === 'string');
	const phone = values.phone ?? (values.kind === 'call' && typeof ownNumber === 'string' ? ownNumber : null);
	const dueAt = values.dueAt ? new Date(values.dueAt) : null;
	await tx.insert(activities).values({
		orgId: actor.orgId,
		id,
		kind: values.kind,
		recordId: record.id,
		ownerId,
		subject: values.subject,
		description: values.description,
		status: values.kind === 'call' ? 'Scheduled' : 'Not started',
		priority: values.priority,
		phone: phone?.slice(0, 40) ?? null,
		dueAt,
		remindAt:
			dueAt && values.remindMinutes !== null
				? new Date(dueAt.getTime() - values.remindMinutes * 60_000)
				: null,
		createdBy: actor.userId
	});
	await writeAudit(tx, actor, {
		action: 'activity.create',
		objectType: 'activity',
		objectId: id,
		after: { kind: values.kind, recordId: record.id, subject: values.subject, dueAt: values.dueAt }
	});
	return id;
}
