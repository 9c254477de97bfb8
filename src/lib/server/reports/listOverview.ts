import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { cadenceStates } from '#lib/domain/cadence/cadence.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	id: z.string(),
	name: z.string(),
	state: z.enum(cadenceStates),
	modulePlural: z.string(),
	enrolled: z.coerce.number(),
	/** In the last 30 org days. */
	recent: z.coerce.number(),
	completed: z.coerce.number(),
	unenrolled: z.coerce.number(),
	failed: z.coerce.number(),
	replied: z.coerce.number()
});
export type OverviewItem = z.infer<typeof row>;

/**
 * REP-4: every published cadence with its main figures, the most enrolled first. `replied` counts runs per action, so a
 * run that answered two messages counts twice. Who sees their own records only gets the figures of those (PER-3).
 */
export async function listOverview(tx: OrgTx, actor: Actor): Promise<OverviewItem[]> {
	requirePermission(actor, 'cadences.view');
	const owner = visibleOwner(actor);
	const kinds = sql`kind in ('enrolled', 'completed', 'unenrolled', 'failed', 'replied') and first and not machine`;
	const source =
		owner === null
			? sql`select cadence_id, kind, day, count from report_counts where org_id = ${actor.orgId} and ${kinds}
				union all
				select cadence_id, kind, day, count from report_deltas where org_id = ${actor.orgId} and ${kinds}`
			: sql`select e.cadence_id, e.kind, e.day, 1 from events e
				join records r on r.org_id = e.org_id and r.id = e.record_id and r.owner_id = ${owner}
				where e.org_id = ${actor.orgId} and ${kinds}`;
	const rows = await tx.execute(sql`
		with counts (cadence_id, kind, day, count) as (${source}),
		sums as (
			select cadence_id,
				sum(count) filter (where kind = 'enrolled') as enrolled,
				sum(count) filter (where kind = 'enrolled' and day > app.local_day(app.now(), o.time_zone) - 30) as recent,
				sum(count) filter (where kind = 'completed') as completed,
				sum(count) filter (where kind = 'unenrolled') as unenrolled,
				sum(count) filter (where kind = 'failed') as failed,
				sum(count) filter (where kind = 'replied') as replied
			from counts, organizations o where o.id = ${actor.orgId} group by cadence_id
		)
		select c.id, c.name, c.state, m.plural as "modulePlural", coalesce(s.enrolled, 0) as enrolled,
			coalesce(s.recent, 0) as recent, coalesce(s.completed, 0) as completed,
			coalesce(s.unenrolled, 0) as unenrolled, coalesce(s.failed, 0) as failed, coalesce(s.replied, 0) as replied
		from cadences c
		join modules m on m.org_id = c.org_id and m.id = c.module_id
		left join sums s on s.cadence_id = c.id
		where c.org_id = ${actor.orgId} and c.deleted_at is null and c.active_version_id is not null
		order by coalesce(s.enrolled, 0) desc, lower(c.name), c.id`);
	return z.array(row).parse([...rows]);
}
