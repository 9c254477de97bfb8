import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { FieldDefinition, ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { nameFieldsOf } from '#lib/domain/crm/systemModules.ts';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { fields, modules } from '../db/schema/crm.ts';

/** CRM-1: all modules of the organization with their fields, in order of the navigation. */
export const listModules = (tx: OrgTx): Promise<ModuleDefinition[]> => readModules(tx);

/** One module or all; two statements. The worker sees every organization, so the organization is named. */
export async function readModules(
	tx: OrgTx,
	only: { id?: string; key?: string } = {}
): Promise<ModuleDefinition[]> {
	const found = await tx
		.select()
		.from(modules)
		.where(
			and(
				eq(modules.orgId, currentOrg),
				isNull(modules.deletedAt),
				only.id ? eq(modules.id, only.id) : undefined,
				only.key ? eq(modules.key, only.key) : undefined
			)
		)
		.orderBy(asc(modules.position), asc(modules.plural));
	const target = alias(modules, 'target');
	const rows = await tx
		.select({ field: fields, lookupModuleKey: target.key })
		.from(fields)
		.leftJoin(target, and(eq(target.orgId, fields.orgId), eq(target.id, fields.lookupModuleId)))
		.where(
			and(
				eq(fields.orgId, currentOrg),
				isNull(fields.deletedAt),
				only.id || only.key
					? sql`${fields.moduleId} = any(${sql.param(found.map((module) => module.id))}::uuid[])`
					: undefined
			)
		)
		.orderBy(asc(fields.position), asc(fields.createdAt), asc(fields.key));
	return found.map((module) => ({
		id: module.id,
		key: module.key,
		singular: module.singular,
		plural: module.plural,
		kind: module.kind,
		formerNames: module.formerNames,
		nameFields: nameFieldsOf(module.key),
		fields: rows
			.filter(({ field }) => field.moduleId === module.id)
			.map(({ field, lookupModuleKey }): FieldDefinition => ({
				key: field.key,
				label: field.label,
				type: field.type,
				options: field.options,
				optionLabels: field.optionLabels,
				retiredOptions: field.retiredOptions,
				required: field.required,
				unique: field.unique,
				origin: field.system ? 'standard' : 'custom',
				readOnly: false,
				lookupModuleKey
			}))
	}));
}
