import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

/**
 * PER-3: seeing a cadence is not yet seeing the records in it: that needs the view permission of their module.
 * @throws forbidden; a cadence that does not exist is for the caller to miss
 */
export async function requireCadenceModule(tx: OrgTx, actor: Actor, cadenceId: string): Promise<void> {
	const [module] = await tx.execute<{ key: string }>(sql`
		select m.key from cadences c join modules m on m.org_id = c.org_id and m.id = c.module_id
		where c.org_id = ${actor.orgId}::uuid and c.id = ${cadenceId}::uuid`);
	if (module) requireModule(actor, module.key, 'view');
}
