import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { users } from '../db/schema/accounts.ts';
import { senders } from '../db/schema/channels.ts';

/** One plain address: no quotes, commas, angle brackets or line ends (RELIABILITY.md 4, S10). */
const address = z
	.string()
	.trim()
	.toLowerCase()
	.max(254, 'An address has at most 254 characters.')
	.regex(
		/^[^\s@",;:<>()[\]\\]{1,64}@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
		'Write one e-mail address.'
	);

export const createSenderSchema = z.object({
	name: nameText('Give the sender a name.')
		.max(100, 'A name has at most 100 characters.')
		.regex(/^\P{Cc}*$/u, 'A name is one line of text.'),
	address,
	/** Whose address it is; null = the organization's. */
	userId: z.uuid().nullable().default(null)
});

/**
 * GRA-8, CHA-1: an address that e-mails can leave from, of the organization or of a user.
 * @throws forbidden, invalid (no such user), conflict (the address is there already)
 */
export async function createSender(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof createSenderSchema>
): Promise<{ id: string }> {
	requirePermission(actor, 'admin');
	const values = createSenderSchema.parse(input);
	if (values.userId !== null) {
		const [user] = await tx
			.select({ id: users.id })
			.from(users)
			.where(and(eq(users.orgId, actor.orgId), eq(users.id, values.userId)));
		if (!user) throw new DomainError('invalid', 'Choose one of the users.', '/userId');
	}
	const [row] = await tx
		.insert(senders)
		.values({ ...values, orgId: actor.orgId, id: newId() })
		.onConflictDoNothing()
		.returning({ id: senders.id });
	if (!row) throw new DomainError('conflict', `${values.address} is a sender already.`, '/address');
	await writeAudit(tx, actor, {
		action: 'sender.create',
		objectType: 'sender',
		objectId: row.id,
		after: values
	});
	return row;
}
