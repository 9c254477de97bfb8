import { sql } from 'drizzle-orm';
import { standardColumnsOf, systemModules } from '#lib/domain/crm/systemModules.ts';
import { newId } from '../db/id.ts';
import type { OrgTx } from '../db/client.ts';
import { fields, modules, views } from '../db/schema/crm.ts';
import { shippedViews } from './shippedViews.ts';

/**
 * CRM-1, CRM-6: gives a new organization its seven modules, their standard fields and the three shipped views of
 * each. Run once, in the transaction that creates the organization.
 */
export async function createSystemModules(tx: OrgTx, orgId: string): Promise<void> {
	const ids = new Map(systemModules.map((module) => [module.key, newId()]));
	await tx.insert(modules).values(
		systemModules.map(({ key, singular, plural }, position) => ({
			orgId,
			id: ids.get(key)!,
			key,
			singular,
			plural,
			kind: 'system' as const,
			position
		}))
	);
	await tx.insert(fields).values(
		systemModules.flatMap((module) =>
			module.fields.map((field, position) => ({
				orgId,
				id: newId(),
				moduleId: ids.get(module.key)!,
				key: field.key,
				label: field.label,
				type: field.type,
				options: [...(field.options ?? [])],
				required: field.required ?? false,
				unique: field.unique ?? false,
				system: true,
				lookupModuleId: field.lookupModuleKey ? ids.get(field.lookupModuleKey)! : null,
				position
			}))
		)
	);
	await tx.insert(views).values(
		systemModules.flatMap((module) =>
			shippedViews(module.plural, standardColumnsOf(module.key)).map((view) => ({
				...view,
				orgId,
				id: newId(),
				moduleId: ids.get(module.key)!
			}))
		)
	);
	// LIM-3: the row that counting cadences locks.
	await tx.execute(sql`
		insert into cadence_limits (org_id, module_id)
		select org_id, id from modules where org_id = ${orgId} on conflict do nothing`);
}
