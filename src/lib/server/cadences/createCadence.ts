import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { createCadenceSchema, type CreateCadence } from '#lib/domain/cadence/cadence.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { getView } from '../views/getView.ts';
import { insertCadence } from './insertCadence.ts';

/**
 * CAD-1: a new cadence with an empty draft: the start node and its audience.
 * @throws forbidden, invalid, not_found, limit (LIM-3), conflict (the name is taken)
 */
export async function createCadence(tx: OrgTx, actor: Actor, input: CreateCadence): Promise<{ id: string }> {
	requirePermission(actor, 'cadences.manage');
	const { name, description, moduleKey, enrollment } = createCadenceSchema.parse(input);
	const module = await getModule(tx, moduleKey);
	if (enrollment.kind === 'view') {
		const view = await getView(tx, actor, enrollment.viewId);
		if (view.moduleId !== module.id)
			throw new DomainError(
				'invalid',
				`The view "${view.name}" is not one of ${module.plural}.`,
				'/enrollment/viewId'
			);
		if (!view.shared)
			throw new DomainError(
				'invalid',
				`The view "${view.name}" is private. Share it, or choose a shared one.`,
				'/enrollment/viewId'
			);
	}
	const id = await insertCadence(tx, actor, {
		moduleId: module.id,
		name,
		description,
		enrollmentKind: enrollment.kind,
		draft: emptyDraft(enrollment.kind === 'view' ? { viewId: enrollment.viewId } : {})
	});
	await writeAudit(tx, actor, {
		action: 'cadence.create',
		objectType: 'cadence',
		objectId: id,
		after: { name, module: module.key, enrollment }
	});
	return { id };
}
