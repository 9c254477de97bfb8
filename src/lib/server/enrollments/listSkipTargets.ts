import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { nameOf } from '#lib/domain/enrollment/explain.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import { isLive } from '#lib/domain/enrollment/state.ts';
import { skipTargets } from '#lib/domain/enrollment/skipTo.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from '../engine/enrollmentRow.ts';
import type { PlanActionChoice } from './listPlanActions.ts';

/**
 * ENR-8: what one run can be sent on to, on the version it is pinned to, in the order in which they come. Empty once it
 * ended. Permission VIEW.
 * @throws forbidden, not_found
 */
export async function listSkipTargets(
	tx: OrgTx,
	actor: Actor,
	enrollmentId: string
): Promise<PlanActionChoice[]> {
	requirePermission(actor, 'cadences.view');
	const owner = visibleOwner(actor);
	const [row] = isId(enrollmentId)
		? await tx.execute<EnrollmentRow & { module_key: string }>(sql`
			select ${enrollmentColumns}, m.key as module_key from enrollments e
			join records r on r.org_id = e.org_id and r.id = e.record_id
			join modules m on m.org_id = r.org_id and m.id = r.module_id
			where e.org_id = ${actor.orgId}::uuid and e.id = ${enrollmentId}::uuid
				and (${owner}::uuid is null or r.owner_id = ${owner}::uuid)`)
		: [];
	if (!row) throw new DomainError('not_found', 'There is no such enrollment.');
	requireModule(actor, row.module_key, 'view');
	const plan = (await loadPlans(tx, [{ orgId: actor.orgId, versionId: row.version_id }])).get(row.version_id);
	if (!plan || !isLive(row.status)) return [];
	return skipTargets(runOf(row), plan)
		.toSorted((a, b) => a.followUp - b.followUp)
		.map((action) => ({ id: action.id, name: nameOf(action) }));
}
