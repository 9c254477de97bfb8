import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { actionKinds } from '#lib/domain/cadence/responses.ts';
import { reportFilterSchema, type ReportFilter } from '#lib/domain/report/filter.ts';
import { funnelOf, type Funnel, type ReportAction } from '#lib/domain/report/funnel.ts';
import type { OrgTx } from '../db/client.ts';
import { readCounts, recountEvents } from './readCounts.ts';

/**
 * REP-1, REP-3: the funnel of a cadence, deleted ones included (CAD-6: reports stay). Who sees their own records only
 * gets the figures of those, counted from the log.
 * @throws forbidden, invalid (days)
 */
export async function getFunnel(tx: OrgTx, actor: Actor, input: ReportFilter): Promise<Funnel> {
	requirePermission(actor, 'cadences.view');
	const filter = reportFilterSchema.parse(input);
	const visible = visibleOwner(actor);
	const owner = visible ?? filter.ownerId;
	const rows =
		visible !== null && filter.ownerId !== null && filter.ownerId !== visible
			? []
			: owner === null
				? await readCounts(tx, actor.orgId, filter)
				: await recountEvents(tx, actor.orgId, filter, owner);
	return funnelOf(rows, await readActions(tx, actor.orgId, filter));
}

const actionRow = z.object({
	id: z.string(),
	kind: z.enum([...actionKinds, 'condition']),
	title: z.string(),
	followUp: z.number(),
	current: z.boolean(),
	caseLabels: z.record(z.string(), z.string())
});

/** Every action that any version had, as its newest version had it; with a version chosen only its own. */
async function readActions(
	tx: OrgTx,
	orgId: string,
	{ cadenceId, versionId }: { cadenceId: string; versionId: string | null }
): Promise<ReportAction[]> {
	const rows = await tx.execute(sql`
		select distinct on (n.key) n.key as id, n.value ->> 'kind' as kind, n.value ->> 'title' as title,
			coalesce((n.value ->> 'followUp')::int, 0) as "followUp",
			v.id = coalesce(${versionId}::uuid, c.active_version_id) as current,
			coalesce((select jsonb_object_agg(k ->> 'id', k ->> 'label')
				from jsonb_array_elements(n.value -> 'cases') k), '{}') as "caseLabels"
		from cadence_versions v
		join cadences c on c.org_id = v.org_id and c.id = v.cadence_id,
		jsonb_each(v.plan -> 'nodes') n
		where v.org_id = ${orgId} and v.cadence_id = ${cadenceId} and (${versionId}::uuid is null or v.id = ${versionId})
			and n.value ->> 'kind' <> 'exit'
		order by n.key, v.n desc`);
	return z.array(actionRow).parse([...rows]);
}
