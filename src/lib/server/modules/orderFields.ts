import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';

/**
 * CRM-3: the order of a module's fields in forms, on the record page and in pickers.
 * @param input.keys every field of the module once
 * @throws forbidden, not_found; conflict when a field was added or deleted meanwhile
 */
export async function orderFields(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; keys: readonly string[] }
): Promise<void> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const known = module.fields.map(({ key }) => key);
	if (input.keys.length !== known.length || known.some((key) => !input.keys.includes(key)))
		throw new DomainError(
			'conflict',
			`Somebody else changed the fields of ${module.plural} meanwhile. Reload, then order them again.`
		);
	await tx.execute(sql`
		update fields f set position = n.place
		from unnest(${sql.param([...input.keys])}::text[]) with ordinality as n(key, place)
		where f.org_id = ${actor.orgId}::uuid and f.module_id = ${module.id}::uuid and f.key = n.key`);
	await writeAudit(tx, actor, {
		action: 'field.order',
		objectType: 'module',
		objectId: module.id,
		before: { keys: known },
		after: { keys: input.keys }
	});
}
