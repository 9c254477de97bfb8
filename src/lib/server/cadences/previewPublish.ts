import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { checkReadable } from '#lib/domain/plan/checkReadable.ts';
import { compilePlan } from '#lib/domain/plan/compilePlan.ts';
import { diffDrafts, hasChanges, type DraftChanges } from '#lib/domain/plan/diffDrafts.ts';
import type { ActionImpact } from '#lib/domain/plan/impact.ts';
import type { Violation } from '#lib/domain/plan/plan.ts';
import { stepTitle, titledChanges } from '#lib/domain/plan/stepTitle.ts';
import { warning } from '#lib/domain/plan/violation.ts';
import { readDraft } from '#lib/server/collab/readDraft.ts';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { cadences, cadenceVersions } from '../db/schema/cadences.ts';
import { viewExclusions } from '../db/schema/engine.ts';
import { readStandings } from '../enrollments/readStandings.ts';
import { readUse } from '../limits/lockLimits.ts';
import { countAudience, type AudienceCount } from './countAudience.ts';
import { nameAuthors, type NamedAuthors } from './nameAuthors.ts';
import { noCadence } from './getCadence.ts';
import { hashDraft } from './hashDraft.ts';
import { hashPlan } from './hashPlan.ts';
import { readPublishContext } from './getPublishContext.ts';

export type PublishPreview = {
	/** Live version it was made against; send it back as `expectedVersion`. */
	version: number | null;
	/** Publishing would be refused: the draft does what the live version does. */
	unchanged: boolean;
	/** Send it back: what was looked at is what is published. */
	reviewed: string;
	changes: DraftChanges;
	/** What was compared: the live version (null: none yet) and the draft of this moment. */
	before: Draft | null;
	draft: Draft;
	/** Who changed which part since. */
	changedBy: NamedAuthors;
	/** Names of those who changed the draft since. */
	authors: string[];
	problems: Violation[];
	/** VER-4: live runs whose next step changes, by action. */
	affected: (ActionImpact & { title: string })[];
	/** Runs that stay on their version because they only wait for a response, and how many of them can be moved. */
	waiting: number;
	waitingMovable: number;
	/** VER-3: live runs that the un-enrollment rules would end at once; null: counting took too long. */
	leaving: number | null;
	/** Records in the view now; null: manual enrollment, or counting took too long. */
	matching: number | null;
	/** VER-5: of those, the ones that publishing could enroll: never in before, and not to be un-enrolled at once. */
	joining: number | null;
	/** VER-5: some in the view were left out when this was asked last. */
	leftOut: boolean;
	/** LIM-1 for the module. */
	active: number;
	activeLimit: number;
};

/**
 * VER-2, VER-4, GRA-9: what publishing the draft of this moment would do. Stores nothing.
 * @throws forbidden, not_found
 */
export async function previewPublish(tx: OrgTx, actor: Actor, cadenceId: string): Promise<PublishPreview> {
	requirePermission(actor, 'cadences.manage');
	const [found] = await tx
		.select({ cadence: cadences, live: cadenceVersions })
		.from(cadences)
		.leftJoin(
			cadenceVersions,
			and(eq(cadenceVersions.orgId, cadences.orgId), eq(cadenceVersions.id, cadences.activeVersionId))
		)
		.where(
			and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId), sql`${cadences.deletedAt} is null`)
		);
	if (!found) throw noCadence();
	const { cadence, live } = found;
	const { draft, dropped, contributors } = await readDraft(tx, actor.orgId, cadenceId, {
		since: live?.docSeq
	});
	const context = await readPublishContext(tx, actor, cadence);
	const compiled = compilePlan(draft, context);
	const plan = 'plan' in compiled ? compiled.plan : null;
	const audience = await countAudience(
		tx,
		{ orgId: actor.orgId, cadenceId, moduleId: cadence.moduleId },
		draft.settings,
		{ joining: true }
	);
	const impact = plan ? (await readStandings(tx, actor.orgId, { cadenceId, plan })).impact : null;
	const titleOf = (id: string) => {
		const node = draft.nodes[id] ?? live?.graph.nodes[id];
		return node ? stepTitle(node, context) : 'A removed action';
	};
	const use = await readUse(tx, actor, cadence.moduleId);
	const changes = diffDrafts(live?.graph ?? null, draft);
	return {
		version: live?.n ?? null,
		unchanged: plan !== null && live?.planSha256 === hashPlan(plan) && !hasChanges(changes),
		reviewed: hashDraft(draft),
		changes: titledChanges(changes, {
			draft,
			before: live?.graph ?? null,
			context
		}),
		before: live?.graph ?? null,
		draft,
		changedBy: await nameAuthors(
			tx,
			{ orgId: actor.orgId, cadenceId },
			live && { generation: live.docGeneration, seq: live.docSeq }
		),
		authors: await namesOf(tx, actor.orgId, contributors),
		problems: [
			...checkReadable(dropped),
			...('plan' in compiled ? compiled.warnings : compiled.violations),
			...warnAudience(audience, draft)
		],
		affected: (impact?.actions ?? []).map((action) => ({ ...action, title: titleOf(action.actionId) })),
		waiting: impact?.waiting ?? 0,
		waitingMovable: impact?.waitingMovable ?? 0,
		leaving: audience?.leaving ?? null,
		matching: audience?.matching ?? null,
		joining: audience?.joining ?? null,
		leftOut: await hasLeftOut(tx, actor.orgId, cadenceId),
		active: use.active,
		activeLimit: use.limits.active
	};
}

/** GRA-9: counted, so that the sentence can say how many. */
function warnAudience(audience: AudienceCount | null, draft: Draft): Violation[] {
	if (!audience?.matching || audience.staying !== 0 || draft.settings.unenroll.criteria === null) return [];
	return [
		warning(
			'audience.nobodyStays',
			{ settings: 'unenroll.criteria' },
			`All ${audience.matching.toLocaleString('en-US')} records of the audience match the un-enrollment criteria: nobody would be enrolled.`
		)
	];
}

async function hasLeftOut(tx: OrgTx, orgId: string, cadenceId: string): Promise<boolean> {
	const rows = await tx
		.select({ recordId: viewExclusions.recordId })
		.from(viewExclusions)
		.where(and(eq(viewExclusions.orgId, orgId), eq(viewExclusions.cadenceId, cadenceId)))
		.limit(1);
	return rows.length > 0;
}

async function namesOf(tx: OrgTx, orgId: string, ids: readonly string[]): Promise<string[]> {
	if (!ids.length) return [];
	const rows = await tx
		.select({ name: users.name })
		.from(users)
		.where(and(eq(users.orgId, orgId), inArray(users.id, [...ids])))
		.orderBy(users.name);
	return rows.map((row) => row.name);
}
