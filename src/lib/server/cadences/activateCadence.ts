import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { notifyCadence } from '#lib/server/collab/notify.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { answerExisting } from '../engine/answerExisting.ts';
import { onActivate } from '../enrollments/onActivate.ts';
import { lockLimits, requireActiveSlot } from '../limits/lockLimits.ts';
import { lockCadence } from './lockCadence.ts';

export const activateSchema = z.object({
	cadenceId: z.uuid(),
	/** DEA-2: what becomes of the records that were halted. */
	halted: z.enum(['stop', 'continue']).default('stop'),
	/** DEA-2: enroll what began to match the view meanwhile. */
	includeExisting: z.boolean().default(false)
});

/**
 * DEA-2: an inactive cadence runs again, if the module has a free slot (LIM-3). An active one stays as it is.
 * @throws forbidden, not_found, invalid (never published), limit
 */
export async function activateCadence(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof activateSchema>
): Promise<void> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId, halted, includeExisting } = activateSchema.parse(input);
	const cadence = await lockCadence(tx, actor, cadenceId);
	if (cadence.state === 'active') return;
	if (!cadence.live)
		throw new DomainError('invalid', 'This cadence was never published. Open it and publish it first.');
	requireActiveSlot(await lockLimits(tx, actor, cadence.moduleId));
	await tx
		.update(cadences)
		.set({ state: 'active', activatedAt: sql`app.now()`, nextScanAt: null })
		.where(and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId)));
	const effect = await onActivate(tx, actor, { cadenceId, halted });
	await answerExisting(tx, { orgId: actor.orgId, cadenceId, includeExisting });
	await writeAudit(tx, actor, {
		action: 'cadence.activate',
		objectType: 'cadence',
		objectId: cadenceId,
		before: { state: cadence.state },
		after: { state: 'active', halted, includeExisting, effect }
	});
	await notifyCadence(tx, actor, cadenceId, { what: 'activated' });
}
