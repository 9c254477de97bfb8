import { and, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { cadenceNameSchema, copyName } from '#lib/domain/cadence/cadence.ts';
import { loadDocument } from '#lib/server/collab/loadDocument.ts';
import { notesIn, projectUpdates } from '#lib/server/collab/newGeneration.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { noCadence } from './getCadence.ts';
import { insertCadence } from './insertCadence.ts';

export const cloneSchema = z.object({
	cadenceId: z.uuid(),
	/** Without one: "Copy of ..." */
	name: cadenceNameSchema.optional()
});

/**
 * CAD-5: copies audience, all actions and the sticky notes of the draft into a new cadence of the same module. It starts
 * as draft and shares nothing: neither log, versions, enrollments nor figures; comments stay with the original.
 * @throws forbidden, not_found, limit (LIM-3), conflict (the name is taken)
 */
export async function cloneCadence(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof cloneSchema>
): Promise<{ id: string; name: string }> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId, name: wanted } = cloneSchema.parse(input);
	const rows = await tx
		.select({
			id: cadences.id,
			name: cadences.name,
			description: cadences.description,
			moduleId: cadences.moduleId,
			enrollmentKind: cadences.enrollmentKind
		})
		.from(cadences)
		.where(and(eq(cadences.orgId, actor.orgId), isNull(cadences.deletedAt)));
	const source = rows.find((row) => row.id === cadenceId);
	if (!source) throw noCadence();
	const { updates } = await loadDocument(tx, { orgId: actor.orgId, cadenceId }, { lock: true });
	const name = wanted ?? copyName(source.name, new Set(rows.map((row) => row.name.toLowerCase())));
	const id = await insertCadence(tx, actor, {
		moduleId: source.moduleId,
		name,
		description: source.description,
		enrollmentKind: source.enrollmentKind,
		draft: projectUpdates(updates).draft,
		notes: notesIn(updates)
	});
	await writeAudit(tx, actor, {
		action: 'cadence.clone',
		objectType: 'cadence',
		objectId: id,
		after: { name, clonedFrom: cadenceId }
	});
	return { id, name };
}
