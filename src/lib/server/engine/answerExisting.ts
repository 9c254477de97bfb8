import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { conditionsOf } from './cadenceConditions.ts';
import { loadCadences } from './cadenceContext.ts';

/**
 * VER-5, DEA-2: the answer to "enroll who is in the view already?", in the transaction that publishes or activates and
 * under the cadence's exclusive lock. With "only later ones" the records of this moment are written down as left out; the
 * scan that follows enrolls whoever matches and is not left out. So there is no gap: a record that began to match before
 * this statement saw it is left out, one that did afterwards comes in, by its change or at the latest by the scan.
 */
export async function answerExisting(
	tx: OrgTx,
	{ orgId, cadenceId, includeExisting }: { orgId: string; cadenceId: string; includeExisting: boolean }
): Promise<void> {
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
	if (cadence?.state !== 'active' || cadence.enrollmentKind !== 'view') return;
	await tx.execute(sql`
		delete from view_exclusions where org_id = ${orgId}::uuid and cadence_id = ${cadenceId}::uuid`);
	const { inViewWhere } = await conditionsOf(tx, cadence);
	if (!includeExisting && inViewWhere)
		await tx.execute(sql`
			insert into view_exclusions (org_id, cadence_id, record_id)
			select r.org_id, ${cadenceId}::uuid, r.id from records r
			where r.org_id = ${orgId}::uuid and r.module_id = ${cadence.moduleId}::uuid and r.deleted_at is null and ${inViewWhere}`);
	failpoint('existing.answered');
	await enqueue(tx, 'scanCadence', { orgId, cadenceId }, { key: `scan:${cadenceId}` });
}
