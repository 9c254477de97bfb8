import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { getImport } from './getImport.ts';

/**
 * CRM-4: stops an import after the rows in work (waits for them, a second or two). Records made so far stay.
 * @throws not_found; conflict when it has ended already
 */
export async function cancelImport(tx: OrgTx, actor: Actor, importId: string): Promise<void> {
	const { id, fileName } = await getImport(tx, actor, importId);
	const stopped = await tx.execute(sql`
		update imports set status = 'cancelled', finished_at = app.now(), content = null
		where org_id = ${actor.orgId}::uuid and id = ${id}::uuid and status in ('uploaded', 'running') returning id`);
	if (!stopped.length) throw new DomainError('conflict', `The import of ${fileName} has ended already.`);
	await writeAudit(tx, actor, { action: 'import.cancel', objectType: 'import', objectId: id });
}
