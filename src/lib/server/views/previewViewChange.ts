import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { compileCriteria } from '../criteria/compileCriteria.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { getView } from './getView.ts';
import { viewUsers, type ViewUser } from './viewUsers.ts';

export type ViewChange = {
	/** Cadences whose audience the view is. */
	users: ViewUser[];
	/** Records that would newly match: the most that its active cadences enroll. */
	entering: number;
	/** Records that would no longer match. */
	leaving: number;
	/** Live runs of active and inactive cadences over the leaving records: what "leaves the view" would end. */
	liveRuns: number;
};

/**
 * CRM-6: what saving other criteria would do to the cadences that use the view; all records count, whoever asks.
 * @throws not_found, forbidden, invalid (pointer into the criteria)
 */
export async function previewViewChange(
	tx: OrgTx,
	actor: Actor,
	input: { viewId: string; criteria: Criteria }
): Promise<ViewChange> {
	const view = await getView(tx, actor, input.viewId);
	const module = await getModule(tx, view.moduleId);
	requireModule(actor, module.key, 'view');
	const users = await viewUsers(tx, view.id);
	if (!users.length) return { users, entering: 0, leaving: 0, liveRuns: 0 };
	const [problem] = checkCriteria(input.criteria, module, { audience: true });
	if (problem) throw new DomainError('invalid', problem.message, problem.pointer);
	const context = { orgTimeZone: await getOrgTimeZone(tx) };
	const [counts] = await tx.execute<{ entering: number; leaving: number; live: number }>(sql`
		with changed as (
			select r.id, ${compileCriteria(input.criteria, module, context)} as now_in,
				${compileCriteria(view.criteria, module, context)} as was_in
			from records r
			where r.org_id = ${actor.orgId}::uuid and r.module_id = ${module.id}::uuid and r.deleted_at is null
		)
		select count(*) filter (where now_in and not was_in)::int as entering,
			count(*) filter (where was_in and not now_in)::int as leaving,
			(select count(*)::int from enrollments e
				join cadences c on c.org_id = e.org_id and c.id = e.cadence_id and c.deleted_at is null
				join changed x on x.id = e.record_id and x.was_in and not x.now_in
				where e.org_id = ${actor.orgId}::uuid and c.view_id = ${view.id}::uuid
					and e.status in ('active', 'paused')) as live
		from changed`);
	return {
		users,
		entering: counts?.entering ?? 0,
		leaving: counts?.leaving ?? 0,
		liveRuns: counts?.live ?? 0
	};
}
