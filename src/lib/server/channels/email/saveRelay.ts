import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError, isDomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../../audit.ts';
import { withOrg, type Db } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { emailRelays } from '../../db/schema/channels.ts';
import { seal } from '../../secrets.ts';
import { relayPasswordPlace, resolveRelay } from './relay.ts';

export const relaySchema = z
	.object({
		host: z
			.string()
			.trim()
			.toLowerCase()
			.max(253)
			.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'Write a name such as smtp.example.com.'),
		port: z.coerce
			.number('Write a port such as 587.')
			.int('Write a port such as 587.')
			.min(1, 'Write a port such as 587.')
			.max(65_535, 'Write a port such as 587.'),
		security: z.enum(['none', 'starttls', 'tls']),
		username: z.string().trim().max(320).default(''),
		password: z.string().max(1000).default('')
	})
	.refine(({ username, password }) => !username || password, {
		path: ['password'],
		message: 'Type the password. It is never shown, so each change needs it again.'
	})
	.refine(({ username, security }) => !username || security !== 'none', {
		path: ['security'],
		message: 'A password may only travel encrypted: choose STARTTLS or TLS.'
	});

/**
 * CHA-1: the organization's own relay. The host must be reachable by policy (RELIABILITY.md 4, SSRF); the password is
 * sealed, and typed again with each change so that it never goes to a host it was not meant for. Opens its own
 * transaction: none is held while names are looked up.
 * @throws forbidden, invalid (pointer to the field)
 */
export async function saveRelay(db: Db, actor: Actor, input: z.input<typeof relaySchema>): Promise<void> {
	requirePermission(actor, 'admin');
	const { password, ...plain } = relaySchema.parse(input);
	await resolveRelay({ ...plain, key: 'check', auth: null, clientName: '' }).catch((error: unknown) => {
		throw isDomainError(error) ? new DomainError('invalid', error.message, '/host') : error;
	});
	await withOrg(db, actor.orgId, async (tx) => {
		// A new row, so that pooled connections of the old settings (keyed by row) are not used again.
		const id = newId();
		await tx.delete(emailRelays).where(eq(emailRelays.orgId, actor.orgId));
		await tx.insert(emailRelays).values({
			...plain,
			orgId: actor.orgId,
			id,
			passwordSealed: plain.username ? seal(password, relayPasswordPlace(actor.orgId, id)) : null
		});
		await writeAudit(tx, actor, {
			action: 'relay.save',
			objectType: 'emailRelay',
			objectId: id,
			after: plain
		});
	});
}

/** CHA-1: back to the relay of the installation. */
export async function removeRelay(db: Db, actor: Actor): Promise<void> {
	requirePermission(actor, 'admin');
	await withOrg(db, actor.orgId, async (tx) => {
		const [row] = await tx
			.delete(emailRelays)
			.where(eq(emailRelays.orgId, actor.orgId))
			.returning({ id: emailRelays.id, host: emailRelays.host });
		if (row)
			await writeAudit(tx, actor, {
				action: 'relay.remove',
				objectType: 'emailRelay',
				objectId: row.id,
				before: { host: row.host }
			});
	});
}
