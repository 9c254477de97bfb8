import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { notifyCadence } from '#lib/server/collab/notify.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { onDeactivate } from '../enrollments/onDeactivate.ts';
import { failpoint } from '../failpoint.ts';
import { lockCadence } from './lockCadence.ts';

export const deactivateSchema = z.object({ cadenceId: z.uuid() });

/**
 * DEA-1: halts everything scheduled; nothing starts after this commits. Deactivating what is not active changes nothing.
 * @throws forbidden, not_found
 */
export async function deactivateCadence(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof deactivateSchema>
): Promise<void> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId } = deactivateSchema.parse(input);
	const cadence = await lockCadence(tx, actor, cadenceId);
	if (cadence.state !== 'active') return;
	await tx
		.update(cadences)
		// UNE-6: its next scan stays: the un-enroll date comes for an inactive cadence too.
		.set({ state: 'inactive' })
		.where(and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId)));
	failpoint('deactivate.stored');
	const effect = await onDeactivate(tx, actor, { cadenceId });
	await writeAudit(tx, actor, {
		action: 'cadence.deactivate',
		objectType: 'cadence',
		objectId: cadenceId,
		before: { state: 'active' },
		after: { state: 'inactive', effect }
	});
	await notifyCadence(tx, actor, cadenceId, { what: 'deactivated' });
	failpoint('deactivate.written');
}
