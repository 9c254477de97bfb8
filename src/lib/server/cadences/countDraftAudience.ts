import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { draftSettingsSchema, type DraftSettings } from '#lib/domain/cadence/draft.ts';
import type { OrgTx } from '../db/client.ts';
import { countAudience, type AudienceCount } from './countAudience.ts';
import { getCadence } from './getCadence.ts';
import { getModule } from '../modules/getModule.ts';

/** What counting depends on. */
export const audienceSchema = draftSettingsSchema.pick({ viewId: true, unenroll: true });

/**
 * GRA-9: how many records the settings of an open draft come to. Only counts leave, and only to those who may draw:
 * criteria that somebody makes up could else ask about records they may not see.
 * @returns null when it took too long, or view or criteria cannot be evaluated
 * @throws forbidden, not_found
 */
export async function countDraftAudience(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	input: Pick<DraftSettings, 'viewId' | 'unenroll'>
): Promise<AudienceCount | null> {
	requirePermission(actor, 'cadences.manage');
	const cadence = await getCadence(tx, actor, cadenceId);
	const module = await getModule(tx, cadence.module.key);
	return countAudience(
		tx,
		{ orgId: actor.orgId, cadenceId: cadence.id, moduleId: module.id },
		draftSettingsSchema.parse(input)
	);
}
