import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { profiles, users } from '../db/schema/accounts.ts';

export const userInputSchema = z.object({
	name: nameText('Give the person a name.').max(120),
	email: z.email('Give a full e-mail address, like ada@example.com.').max(254),
	profileId: z.uuid('Choose a profile.'),
	timeZone: z.string().refine(isTimeZone, 'Choose a time zone, like Europe/Berlin.'),
	password: z.string().min(10, 'Use at least 10 characters.').max(200)
});
export type UserInput = z.infer<typeof userInputSchema>;

export function isTimeZone(name: string): boolean {
	try {
		return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
	} catch {
		return false;
	}
}

/** PER-4: adds a person who can sign in; returns the id. `passwordHash` is made before the transaction: it takes 28 ms. */
export async function createUser(
	tx: OrgTx,
	actor: Actor,
	input: UserInput,
	passwordHash: string
): Promise<string> {
	requirePermission(actor, 'admin');
	const { name, profileId, timeZone } = input;
	const [profile] = await tx
		.select({ id: profiles.id })
		.from(profiles)
		.where(and(eq(profiles.orgId, actor.orgId), eq(profiles.id, profileId)));
	if (!profile) throw new DomainError('invalid', 'Choose a profile.', '/profileId');
	const id = newId();
	const email = input.email.toLowerCase();
	const added = await tx
		.insert(users)
		.values({ orgId: actor.orgId, id, name, email, profileId, timeZone, passwordHash })
		.onConflictDoNothing()
		.returning({ id: users.id });
	if (!added.length)
		throw new DomainError('conflict', 'Somebody already signs in with this address.', '/email');
	await writeAudit(tx, actor, {
		action: 'user.create',
		objectType: 'user',
		objectId: id,
		after: { name, email, profileId, timeZone }
	});
	return id;
}
