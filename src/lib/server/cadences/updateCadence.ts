import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { cadenceDescriptionSchema, cadenceNameSchema } from '#lib/domain/cadence/cadence.ts';
import { notifyCadence } from '#lib/server/collab/notify.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { noCadence } from './getCadence.ts';
import { nameTaken } from './insertCadence.ts';

export const updateCadenceSchema = z.object({
	cadenceId: z.uuid(),
	name: cadenceNameSchema.optional(),
	description: cadenceDescriptionSchema.optional()
});

/**
 * CAD-1: name and description; they belong to the cadence, not to a version, and apply at once.
 * @throws forbidden, not_found, invalid, conflict (the name is taken)
 */
export async function updateCadence(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof updateCadenceSchema>
): Promise<void> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId, ...changes } = updateCadenceSchema.parse(input);
	if (changes.name === undefined && changes.description === undefined) return;
	const here = and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId), isNull(cadences.deletedAt));
	const [before] = await tx
		.select({ name: cadences.name, description: cadences.description })
		.from(cadences)
		.where(here)
		.for('update');
	if (!before) throw noCadence();
	if (changes.name !== undefined && (await isTaken(tx, actor.orgId, cadenceId, changes.name)))
		throw nameTaken(changes.name);
	await tx.update(cadences).set(changes).where(here);
	await writeAudit(tx, actor, {
		action: 'cadence.update',
		objectType: 'cadence',
		objectId: cadenceId,
		before,
		after: changes
	});
	if (changes.name !== undefined && changes.name !== before.name)
		await notifyCadence(tx, actor, cadenceId, { what: 'renamed' });
}

/** Two who take the same name in the same moment are told apart by the unique index (cadences_name_key). */
async function isTaken(tx: OrgTx, orgId: string, cadenceId: string, name: string): Promise<boolean> {
	const [other] = await tx
		.select({ id: cadences.id })
		.from(cadences)
		.where(
			and(
				eq(cadences.orgId, orgId),
				ne(cadences.id, cadenceId),
				isNull(cadences.deletedAt),
				sql`lower(${cadences.name}) = lower(${name})`
			)
		);
	return other !== undefined;
}
