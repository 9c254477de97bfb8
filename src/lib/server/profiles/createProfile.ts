import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { settleCadencePermissions, type ProfileInput } from '#lib/domain/access/profileInput.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { profiles } from '../db/schema/accounts.ts';
import { requireFreeName } from './requireFreeName.ts';

/** PER-4: adds a profile; returns its id. @throws forbidden, conflict (the name is taken) */
export async function createProfile(tx: OrgTx, actor: Actor, input: ProfileInput): Promise<string> {
	requirePermission(actor, 'admin');
	const id = newId();
	const permissions = settleCadencePermissions(input.permissions);
	await requireFreeName(tx, { orgId: actor.orgId, id, name: input.name });
	await tx.insert(profiles).values({ orgId: actor.orgId, id, name: input.name, permissions });
	await writeAudit(tx, actor, {
		action: 'profile.create',
		objectType: 'profile',
		objectId: id,
		after: { name: input.name, permissions }
	});
	return id;
}
