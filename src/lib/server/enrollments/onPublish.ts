import type { Actor } from '#lib/domain/access/actor.ts';
import type { EditDecision } from '#lib/domain/cadence/publish.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';
import { endRuns } from './endRuns.ts';
import { moveRuns } from './moveRuns.ts';
import { readStandings, runsStanding, type StandingGroup } from './readStandings.ts';

export type PublishEffect = { stopped: number; moved: number; kept: number };

const chunk = 5_000;

/**
 * VER-4: decides over the runs that the new version affects, in the publish transaction and under the cadence's
 * exclusive lock. `stop` (default) ends them as `follow_up_edited`, `move` lets them go on in the new version, `keep`
 * leaves them on theirs. Who cannot be moved is stopped. Runs that only wait for a response stay unless `moveWaiting`.
 */
export async function onPublish(
	tx: OrgTx,
	actor: Actor,
	input: {
		cadenceId: string;
		versionId: string;
		plan: Plan;
		decisions: Readonly<Record<string, EditDecision>>;
		moveWaiting: boolean;
	}
): Promise<PublishEffect> {
	const { cadenceId, versionId, plan } = input;
	const { groups } = await readStandings(tx, actor.orgId, { cadenceId, plan, versionId });
	const chosen = Map.groupBy(groups, (group) => choose(group, input));
	// Who is moved has another standing then: both lists are read before anything changes.
	const stopping = await runsStanding(tx, actor.orgId, cadenceId, chosen.get('stop') ?? []);
	const moving = await runsStanding(tx, actor.orgId, cadenceId, chosen.get('move') ?? []);
	let stopped = 0;
	for (let at = 0; at < stopping.length; at += chunk) {
		const endings = stopping.slice(at, at + chunk).map((enrollmentId) => ({
			orgId: actor.orgId,
			enrollmentId,
			reason: 'follow_up_edited' as const
		}));
		stopped += (await endRuns(tx, endings, actor.userId)).length;
	}
	const moved = await moveRuns(tx, actor.orgId, { ids: moving, versionId, plan }, actor.userId);
	if (moved) await enqueue(tx, 'advance', {}, { key: 'advance' });
	const kept = (chosen.get('keep') ?? []).reduce((sum, group) => sum + group.count, 0);
	return { stopped, moved, kept };
}

/** null: the group is not affected, or only waits and stays. */
function choose(
	{ impact }: StandingGroup,
	input: { decisions: Readonly<Record<string, EditDecision>>; moveWaiting: boolean }
): EditDecision | null {
	if (impact.kind === 'none') return null;
	if (impact.kind === 'waiting') return input.moveWaiting && impact.canMove ? 'move' : null;
	const decision = input.decisions[impact.actionId] ?? 'stop';
	return decision === 'move' && !impact.canMove ? 'stop' : decision;
}
