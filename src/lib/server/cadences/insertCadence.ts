import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { EnrollmentKind } from '#lib/domain/cadence/cadence.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { createDocument } from '#lib/server/collab/createDocument.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { cadences } from '../db/schema/cadences.ts';
import { lockLimits, requireCreateSlot } from '../limits/lockLimits.ts';

export type NewCadence = {
	moduleId: string;
	name: string;
	description: string;
	enrollmentKind: EnrollmentKind;
	draft: Draft;
	/** Sticky notes for its canvas. */
	notes?: readonly StickyNote[];
};

export const nameTaken = (name: string): DomainError =>
	new DomainError('conflict', `There is already a cadence called "${name}". Choose another name.`, '/name');

/**
 * CAD-1, LIM-3: the one door through which cadences come to exist: create, clone and import.
 * @throws limit, conflict (the name is taken)
 */
export async function insertCadence(tx: OrgTx, actor: Actor, input: NewCadence): Promise<string> {
	requireCreateSlot(await lockLimits(tx, actor, input.moduleId));
	const { draft, notes, ...columns } = input;
	const id = newId();
	const [row] = await tx
		.insert(cadences)
		.values({
			...columns,
			orgId: actor.orgId,
			id,
			viewId: draft.settings.viewId,
			createdBy: actor.userId
		})
		.onConflictDoNothing()
		.returning({ id: cadences.id });
	if (!row) throw nameTaken(input.name);
	await createDocument(tx, actor.orgId, id, draft, actor.userId, notes);
	return id;
}
