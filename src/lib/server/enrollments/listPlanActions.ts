import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { nameOf } from '#lib/domain/enrollment/explain.ts';
import { actionsAfter } from '#lib/domain/enrollment/skipTo.ts';
import { isId } from '#lib/domain/ids.ts';
import { noCadence } from '../cadences/getCadence.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';

export type PlanActionChoice = { id: string; name: string };

/**
 * ENR-8: the actions of a cadence's live version, in the order in which they come: what one can start at or skip to.
 * @throws forbidden, not_found (no id at all)
 */
export async function listPlanActions(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string
): Promise<PlanActionChoice[]> {
	requirePermission(actor, 'cadences.view');
	if (!isId(cadenceId)) throw noCadence();
	const [row] = await tx.execute<{ version_id: string | null }>(sql`
		select active_version_id as version_id from cadences
		where org_id = ${actor.orgId}::uuid and id = ${cadenceId}::uuid and deleted_at is null`);
	if (!row?.version_id) return [];
	const plan = (await loadPlans(tx, [{ orgId: actor.orgId, versionId: row.version_id }])).get(row.version_id);
	if (!plan) return [];
	return actionsAfter(plan, null)
		.toSorted((a, b) => a.followUp - b.followUp)
		.map((action) => ({ id: action.id, name: nameOf(action) }));
}
