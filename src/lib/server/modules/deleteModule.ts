import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { modules } from '../db/schema/crm.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';

type Use = {
	records: number;
	deleted: number;
	cadences: string[];
	lookups: string[];
	templates: string[];
};

/** CRM-1: what a module holds and who names it; all empty: it can be deleted. */
async function useOf(tx: OrgTx, module: ModuleDefinition): Promise<Use> {
	const [use] = await tx.execute<Use>(sql`
		select (select count(*)::int from (select from records r where r.org_id = m.org_id and r.module_id = m.id
				and r.deleted_at is null limit 100000) x) as records,
			(select count(*)::int from (select from records r where r.org_id = m.org_id and r.module_id = m.id
				and r.deleted_at is not null limit 1000) x) as deleted,
			array(select c.name from cadences c where c.org_id = m.org_id and c.module_id = m.id and c.deleted_at is null
				order by c.name) as cadences,
			array(select o.plural || ': ' || f.label from fields f join modules o on o.org_id = f.org_id and o.id = f.module_id
				where f.org_id = m.org_id and f.lookup_module_id = m.id and f.module_id <> m.id and f.deleted_at is null
				order by 1) as lookups,
			array(select t.name from email_templates t where t.org_id = m.org_id and t.module_id = m.id
				and t.deleted_at is null order by t.name) as templates
		from modules m where m.org_id = app.org_id() and m.id = ${module.id}::uuid`);
	return use!;
}

/**
 * CRM-1: deletes a custom module that is empty (its recycle bin too) and that no cadence, lookup field or template names.
 * `restoreModule` takes it back.
 * @throws forbidden, not_found; invalid for a system module; in_use with what stands in the way
 */
export async function deleteModule(tx: OrgTx, actor: Actor, moduleKey: string): Promise<void> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, moduleKey);
	if (module.kind === 'system')
		throw new DomainError('invalid', `${module.plural} ship with the product and cannot be deleted.`);
	// Records are written under a share lock of this row (their foreign key): none comes in while we look.
	await tx.execute(
		sql`select 1 from modules where org_id = ${actor.orgId}::uuid and id = ${module.id}::uuid for update`
	);
	const { records, deleted, cadences, lookups, templates } = await useOf(tx, module);
	const reasons = [
		...(records ? [`${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'}`] : []),
		...(deleted ? [`${deleted.toLocaleString('en-US')} in the recycle bin`] : []),
		...cadences.map((name) => `cadence "${name}"`),
		...lookups.map((name) => `lookup field "${name}"`),
		...templates.map((name) => `template "${name}"`)
	];
	if (reasons.length)
		throw new DomainError('in_use', `${module.plural} cannot be deleted: ${reasons.join(', ')}.`);
	await tx
		.update(modules)
		.set({ deletedAt: sql`app.now()` })
		.where(and(eq(modules.orgId, actor.orgId), eq(modules.id, module.id)));
	await writeAudit(tx, actor, {
		action: 'module.delete',
		objectType: 'module',
		objectId: module.id,
		before: { key: module.key, plural: module.plural }
	});
}
