import { sql } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';

/**
 * PER-4: called after a change of profiles or users; refuses it when nobody could administer any more. Locks the
 * organization's profiles, so that two such changes cannot pass together.
 */
export async function keepAdministrator(tx: OrgTx): Promise<void> {
	await tx.execute(sql`select id from profiles where org_id = ${currentOrg} order by id for update`);
	const [row] = await tx.execute(sql`
		select exists (select 1 from users u join profiles p on p.org_id = u.org_id and p.id = u.profile_id
			where u.org_id = ${currentOrg} and u.active and (p.permissions->>'administrator')::boolean) as some`);
	if (row?.['some'] === true) return;
	throw new DomainError(
		'conflict',
		'At least one active person must stay administrator. Give somebody else the profile first.'
	);
}
