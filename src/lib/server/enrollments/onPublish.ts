import type { Actor } from '#lib/domain/access/actor.ts';
import type { EditDecision } from '#lib/domain/cadence/publish.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import { endRuns } from './endRuns.ts';
import { findAffected } from './findAffected.ts';

export type PublishEffect = { stopped: number; kept: number };

const chunk = 5_000;

/**
 * VER-4: decides over the runs that the new version affects, in the publish transaction and under the cadence's
 * exclusive lock. `stop` (default) ends them as `follow_up_edited`; `keep` leaves them on their version.
 * @throws invalid for `move`, which is not offered yet
 */
export async function onPublish(
	tx: OrgTx,
	actor: Actor,
	input: {
		cadenceId: string;
		versionId: string;
		plan: Plan;
		decisions: Readonly<Record<string, EditDecision>>;
	}
): Promise<PublishEffect> {
	if (Object.values(input.decisions).includes('move'))
		throw new DomainError(
			'invalid',
			'Moving running records to the new version is not available yet. Choose "stop" or "keep".',
			'/decisions'
		);
	const affected = await findAffected(tx, actor.orgId, input);
	const stopping = affected.filter(({ actionId }) => input.decisions[actionId] !== 'keep');
	let stopped = 0;
	for (let at = 0; at < stopping.length; at += chunk) {
		const endings = stopping.slice(at, at + chunk).map(({ enrollmentId }) => ({
			orgId: actor.orgId,
			enrollmentId,
			reason: 'follow_up_edited' as const
		}));
		stopped += (await endRuns(tx, endings, actor.userId)).length;
	}
	return { stopped, kept: affected.length - stopping.length };
}
