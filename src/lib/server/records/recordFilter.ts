import { sql, type SQL } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { conditionsOf } from '#lib/domain/criteria/relativeTime.ts';
import { isSystemKey, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { compileWhere } from '../criteria/compileCriteria.ts';
import { assumedCommon } from '../criteria/assumedCommon.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { getView } from '../views/getView.ts';
import { nameBegins, searchCondition } from './searchCondition.ts';

/** Which records of a module: those of a view, narrowed by further criteria and by a search text. */
export type RecordFilter = {
	viewId?: string | undefined;
	criteria?: Criteria | null | undefined;
	search?: string | undefined;
	/** Text that the name begins with. */
	nameBegins?: string | undefined;
	/** Only these of them. */
	ids?: readonly string[] | undefined;
	/** The recycle bin instead of the living. */
	deleted?: boolean | undefined;
};

/** PER-3: records of the module that the actor may see, over the alias `r`. The recycle bin only when asked for. */
export function visibleRecords(actor: Actor, module: ModuleDefinition, deleted = false): SQL {
	const owner = visibleOwner(actor);
	return sql.join(
		[
			sql`r.org_id = ${actor.orgId}::uuid and r.module_id = ${module.id}::uuid`,
			// What was merged is the other record's now: nothing to restore.
			deleted ? sql`r.deleted_at is not null and r.merged_into_id is null` : sql`r.deleted_at is null`,
			...(owner ? [sql`r.owner_id = ${owner}::uuid`] : [])
		],
		sql` and `
	);
}

/** The parts that must all hold. */
const topLevel = (criteria: Criteria): Criteria[] =>
	'all' in criteria ? criteria.all.flatMap(topLevel) : [criteria];
/** Columns have indexes that a comparison may use under row level security; fields of the data have none. */
const readsColumnsOnly = (criteria: Criteria): boolean =>
	conditionsOf(criteria).every((condition) => isSystemKey(condition.field));

/**
 * CRM-7, PER-3: the `where` of every list, count and selection.
 * @throws forbidden without the view permission of the module, not_found for a view of somebody else
 */
export async function recordFilter(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	filter: RecordFilter
): Promise<SQL> {
	requireModule(actor, module.key, 'view');
	const view = filter.viewId ? await getView(tx, actor, filter.viewId) : null;
	if (view && view.moduleId !== module.id)
		throw new DomainError('invalid', `"${view.name}" is not a view of ${module.plural}.`, '/viewId');
	const criteria = [view?.criteria, filter.criteria].filter((part) => part !== null && part !== undefined);
	const context = { orgTimeZone: criteria.length ? await getOrgTimeZone(tx) : 'UTC', userId: actor.userId };
	const search = filter.search?.trim()
		? await searchCondition(tx, module, filter.search, filter.deleted)
		: null;
	return sql.join(
		[
			visibleRecords(actor, module, filter.deleted),
			...criteria.flatMap(topLevel).map((part) => {
				const condition = compileWhere(part, module, context);
				return readsColumnsOnly(part) ? condition : assumedCommon(condition);
			}),
			...(search ? [search] : []),
			...(filter.nameBegins?.trim() ? [nameBegins(filter.nameBegins)] : []),
			...(filter.ids ? [sql`r.id = any(${sql.param(filter.ids.filter(isId))}::uuid[])`] : [])
		],
		sql` and `
	);
}
