import { sql } from 'drizzle-orm';
import { isAction } from '#lib/domain/enrollment/branches.ts';
import { diffPlans } from '#lib/domain/plan/diffPlans.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';

/** A live run on an older version whose next step the new one changes (VER-4). */
export type AffectedRun = {
	enrollmentId: string;
	/** The action that changed, that is led to by a changed branch, or that went: the dialog groups by it. */
	actionId: string;
};

type VersionRow = { id: string; plan: Plan };

/**
 * VER-4: live runs on any older version whose queued message, timed branch or that branch's target changed or went, and
 * whose current action went. Runs whose scheduled action was executed already, and those that only wait for a response
 * of an action that is still there, are not affected.
 */
export async function findAffected(
	tx: OrgTx,
	orgId: string,
	{ cadenceId, plan }: { cadenceId: string; plan: Plan }
): Promise<AffectedRun[]> {
	const versions = await tx.execute<VersionRow>(sql`
		select v.id, v.plan from cadence_versions v
		where v.org_id = ${orgId} and v.cadence_id = ${cadenceId} and exists (select 1 from enrollments e
			where e.org_id = v.org_id and e.cadence_id = v.cadence_id and e.version_id = v.id
			and e.status in ('active', 'paused'))`);
	const changes = versions.map(({ id, plan: older }) => ({ version: id, ...changesOf(older, plan) }));
	if (!changes.some(({ actions, branches }) => actions.length || Object.keys(branches).length)) return [];
	const rows = await tx.execute<{ id: string; action_id: string }>(sql`
		with changes as (
			select * from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
				as c(version uuid, actions jsonb, removed jsonb, branches jsonb)
		)
		select e.id, coalesce(q.action_id, b.target, e.current_action_id) as action_id
		from enrollments e
		join changes c on c.version = e.version_id
		left join action_runs q on q.org_id = e.org_id and q.enrollment_id = e.id and q.run_no = e.run_no
			and q.action_id = e.current_action_id and q.status = 'queued' and c.actions ? q.action_id
		left join lateral (
			select min(c.branches ->> t.branch) as target from (
				select e.next_branch_id as branch
				union all select jsonb_object_keys(coalesce(nullif(e.race -> 'timed', 'null'), '{}'))
				union all select jsonb_object_keys(coalesce(nullif(e.frozen, 'null'), '{}'))
			) t
		) b on true
		where e.org_id = ${orgId} and e.cadence_id = ${cadenceId} and e.status in ('active', 'paused')
			and (q.action_id is not null or b.target is not null or c.removed ? e.current_action_id)
		order by e.id`);
	return rows.map((row) => ({ enrollmentId: row.id, actionId: row.action_id }));
}

/** `branches`: those that changed, went, or lead to what did, with the action they led to. */
function changesOf(older: Plan, newer: Plan) {
	const { changed, removed, branches } = diffPlans(older, newer);
	const touched: Record<string, string> = {};
	const look = ({ id, target }: { id: string; target: string }) => {
		if (branches.has(id) || changed.has(target) || removed.has(target)) touched[id] = target;
	};
	look(older.entry);
	for (const node of Object.values(older.nodes)) if (isAction(node)) node.branches.forEach(look);
	return { actions: [...changed, ...removed], removed: [...removed], branches: touched };
}
