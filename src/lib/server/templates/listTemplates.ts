import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

const templateRow = z.object({
	id: z.string(),
	name: z.string(),
	subject: z.string(),
	version: z.number(),
	modifiedAt: z.coerce.date(),
	module: z.object({ key: z.string(), plural: z.string() }).nullable(),
	/** Names of the cadences whose live version sends it. */
	usedBy: z.array(z.string())
});
export type TemplateItem = z.infer<typeof templateRow>;

/** CHA-1: the organization's e-mail templates by name; `moduleKey` leaves those usable in that module. */
export async function listTemplates(
	tx: OrgTx,
	actor: Actor,
	{ moduleKey = null }: { moduleKey?: string | null } = {}
): Promise<TemplateItem[]> {
	requirePermission(actor, 'cadences.view');
	const rows = await tx.execute(sql`
		with used as (
			select n.value -> 'config' ->> 'templateId' as template_id, jsonb_agg(distinct c.name) as names
			from cadences c
			join cadence_versions v on v.org_id = c.org_id and v.id = c.active_version_id,
			jsonb_each(v.plan -> 'nodes') n
			where c.org_id = ${actor.orgId} and c.deleted_at is null and n.value ->> 'kind' = 'email'
			group by 1
		)
		select t.id, t.name, t.subject, t.version, t.modified_at as "modifiedAt",
			case when m.id is null then null else jsonb_build_object('key', m.key, 'plural', m.plural) end as module,
			coalesce(used.names, '[]') as "usedBy"
		from email_templates t
		left join modules m on m.org_id = t.org_id and m.id = t.module_id
		left join used on used.template_id = t.id::text
		where t.org_id = ${actor.orgId} and t.deleted_at is null
			and (${moduleKey}::text is null or t.module_id is null or m.key = ${moduleKey})
		order by lower(t.name), t.id`);
	return z.array(templateRow).parse([...rows]);
}
