import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { readEnrollmentViews, type EnrollmentView } from './enrollmentView.ts';

/**
 * CRM-8: the Cadences related list of a record, live ones first. Empty for whoever may not see cadences or the record:
 * the record page shows without it.
 */
export async function listRecordEnrollments(
	tx: OrgTx,
	actor: Actor,
	recordId: string
): Promise<EnrollmentView[]> {
	if (!can(actor, 'cadences.view')) return [];
	const owner = visibleOwner(actor);
	const from = sql`(
		select n.* from enrollments n join records o on o.org_id = n.org_id and o.id = n.record_id
		where n.org_id = ${actor.orgId}::uuid and n.record_id = ${recordId}::uuid
			and (${owner}::uuid is null or o.owner_id = ${owner}::uuid)) e`;
	return readEnrollmentViews(
		tx,
		from,
		sql`(e.status in ('active', 'paused')) desc, coalesce(e.ended_at, e.enrolled_at) desc, e.id`
	);
}
