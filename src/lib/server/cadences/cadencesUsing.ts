import { sql } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';

type CadenceUse = { cadenceId: string; name: string };

/**
 * Cadences in whose live plans the id of a template or sender stands: the version in force, and older ones that runs
 * are still pinned to (VER-3).
 */
async function cadencesUsing(tx: OrgTx, id: string): Promise<CadenceUse[]> {
	const rows = await tx.execute<CadenceUse>(sql`
		select c.id as "cadenceId", c.name from cadences c
		where c.org_id = ${currentOrg} and c.deleted_at is null and exists (
			select from cadence_versions v where v.org_id = c.org_id and v.cadence_id = c.id
				and (v.id = c.active_version_id or exists (select from enrollments e where e.org_id = c.org_id
					and e.cadence_id = c.id and e.status in ('active', 'paused') and e.version_id = v.id))
				and jsonb_path_exists(v.plan, 'strict $.** ? (@ == $id)', jsonb_build_object('id', ${id}::text), true))
		order by lower(c.name)`);
	return [...rows];
}

/** @throws in_use with the names of the cadences */
export async function requireUnused(tx: OrgTx, id: string, name: string): Promise<void> {
	const users = await cadencesUsing(tx, id);
	if (users.length)
		throw new DomainError(
			'in_use',
			`"${name}" is used by ${users.map((user) => `"${user.name}"`).join(', ')}. Choose another one there, publish, and let their runs end first.`,
			undefined,
			users
		);
}
