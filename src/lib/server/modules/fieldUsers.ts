import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { fieldPathsFrom } from '#lib/domain/crm/fieldPaths.ts';
import { findFieldUses, type FieldUse } from '#lib/domain/crm/fieldUses.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { loadDocument } from '#lib/server/collab/loadDocument.ts';
import { projectUpdates } from '#lib/server/collab/newGeneration.ts';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { users } from '../db/schema/accounts.ts';
import { cadences } from '../db/schema/cadences.ts';
import { emailTemplates } from '../db/schema/channels.ts';
import { views } from '../db/schema/crm.ts';
import { listModules } from './listModules.ts';

export type FieldUser = {
	kind: 'view' | 'cadence' | 'draft' | 'template' | 'import';
	name: string;
	uses: (FieldUse | 'column' | 'sort' | 'mapping')[];
	/** The field cannot be deleted while this is so. */
	blocks: boolean;
	/** Where it can be changed; null when only its owner can. */
	href: string | null;
};
type Paths = NonNullable<ReturnType<typeof fieldPathsFrom>>;

/**
 * CRM-3: who uses a field of a module: views, published cadences (also those that only older runs are pinned to), drafts,
 * e-mail templates, running imports. Conditions of views and anything of a published cadence stand in the way of deleting it.
 */
export async function fieldUsers(
	tx: OrgTx,
	target: { module: ModuleDefinition; fieldKey: string }
): Promise<FieldUser[]> {
	const place = { moduleKey: target.module.key, fieldKey: target.fieldKey };
	const from = new Map(
		(await listModules(tx)).flatMap((module): [string, Paths][] => {
			const paths = fieldPathsFrom(module, place);
			return paths ? [[module.id, paths]] : [];
		})
	);
	const live = await livePlans(tx, [...from.keys()]);
	return [
		...(await viewUses(tx, target, from.get(target.module.id)!)),
		...live.flatMap(({ cadenceId, name, moduleId, plan }) =>
			user('cadence', name, `/cadences/${cadenceId}/edit`, true, usesIn(plan, from.get(moduleId)!))
		),
		...(await draftUses(tx, from)),
		...(await templateUses(tx, from, live)),
		...(await importUses(tx, target))
	];
}

const usesIn = (json: unknown, { names, merges }: Paths) => [...findFieldUses(json, names, merges)];
const user = (
	kind: FieldUser['kind'],
	name: string,
	href: string | null,
	blocks: boolean,
	uses: FieldUser['uses']
): FieldUser[] => (uses.length ? [{ kind, name, href, blocks, uses }] : []);

async function viewUses(
	tx: OrgTx,
	{ module, fieldKey }: { module: ModuleDefinition; fieldKey: string },
	paths: Paths
): Promise<FieldUser[]> {
	const rows = await tx
		.select({ view: views, owner: users.name })
		.from(views)
		.leftJoin(users, and(eq(users.orgId, views.orgId), eq(users.id, views.ownerId)))
		.where(and(eq(views.orgId, currentOrg), eq(views.moduleId, module.id)))
		.orderBy(asc(views.name));
	return rows.flatMap(({ view, owner }) => {
		const uses: FieldUser['uses'] = usesIn(view.criteria, paths);
		const blocks = uses.length > 0;
		if (view.columns.includes(fieldKey)) uses.push('column');
		if (view.sort.field === fieldKey) uses.push('sort');
		const name = view.shared ? view.name : `${view.name} (private view of ${owner ?? 'somebody'})`;
		return user('view', name, view.shared ? `/${module.key}/views/${view.id}` : null, blocks, uses);
	});
}

type LivePlan = { cadenceId: string; name: string; moduleId: string; plan: unknown };

/** VER-3: versions in force, of inactive cadences too, and those that runs are pinned to. */
async function livePlans(tx: OrgTx, moduleIds: readonly string[]): Promise<LivePlan[]> {
	const rows = await tx.execute<LivePlan>(sql`
		select c.id as "cadenceId", c.name, c.module_id as "moduleId", jsonb_agg(v.plan) as plan
		from cadences c join cadence_versions v on v.org_id = c.org_id and v.cadence_id = c.id
		where c.org_id = ${currentOrg} and c.deleted_at is null
			and c.module_id = any(${sql.param([...moduleIds])}::uuid[])
			and (v.id = c.active_version_id or exists (select from enrollments e where e.org_id = c.org_id
				and e.cadence_id = c.id and e.status in ('active', 'paused') and e.version_id = v.id))
		group by c.id, c.name, c.module_id order by lower(c.name)`);
	return [...rows];
}

/** Drafts as they are stored; they show the missing field as a problem, so they stand in nobody's way. */
async function draftUses(tx: OrgTx, from: ReadonlyMap<string, Paths>): Promise<FieldUser[]> {
	const rows = await tx
		.select({ id: cadences.id, name: cadences.name, moduleId: cadences.moduleId, orgId: cadences.orgId })
		.from(cadences)
		.where(
			and(
				eq(cadences.orgId, currentOrg),
				isNull(cadences.deletedAt),
				inArray(cadences.moduleId, [...from.keys()])
			)
		)
		.orderBy(asc(cadences.name));
	const found: FieldUser[] = [];
	for (const { id, name, moduleId, orgId } of rows) {
		const { updates } = await loadDocument(tx, { orgId, cadenceId: id });
		const { draft } = projectUpdates(updates);
		found.push(...user('draft', name, `/cadences/${id}/edit`, false, usesIn(draft, from.get(moduleId)!)));
	}
	return found;
}

async function templateUses(
	tx: OrgTx,
	from: ReadonlyMap<string, Paths>,
	live: readonly LivePlan[]
): Promise<FieldUser[]> {
	const rows = await tx
		.select()
		.from(emailTemplates)
		.where(and(eq(emailTemplates.orgId, currentOrg), isNull(emailTemplates.deletedAt)))
		.orderBy(asc(emailTemplates.name));
	return rows.flatMap(({ id, name, moduleId, subject, html }) => {
		const places = moduleId ? [from.get(moduleId)].filter((one) => one !== undefined) : [...from.values()];
		const uses = new Set(places.flatMap((paths) => usesIn([subject, html], paths)));
		const senders = live.filter(({ plan }) => JSON.stringify(plan).includes(id));
		const by = senders.length ? ` (sent by ${senders.map((cadence) => cadence.name).join(', ')})` : '';
		return user('template', name + by, `/setup/templates/${id}`, senders.length > 0, [...uses]);
	});
}

async function importUses(
	tx: OrgTx,
	{ module, fieldKey }: { module: ModuleDefinition; fieldKey: string }
): Promise<FieldUser[]> {
	const rows = await tx.execute<{ id: string; name: string }>(sql`
		select i.id, i.file_name as name from imports i
		where i.org_id = ${currentOrg} and i.module_id = ${module.id}::uuid and i.status in ('running', 'undoing')
			and jsonb_path_exists(i.settings, '$.mapping.columns[*].target ? (@.key == $key)',
				jsonb_build_object('key', ${fieldKey}::text))`);
	return [...rows].flatMap(({ id, name }) =>
		user('import', name, `/${module.key}/import/${id}`, true, ['mapping'])
	);
}
