import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { compilePlan } from '#lib/domain/plan/compilePlan.ts';
import { diffDrafts, type DraftChanges } from '#lib/domain/plan/diffDrafts.ts';
import type { Violation } from '#lib/domain/plan/plan.ts';
import { nodeLabel } from '#lib/domain/plan/violation.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { readDraft } from '#lib/server/collab/readDraft.ts';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { cadenceVersions } from '../db/schema/cadences.ts';
import { findAffected, type AffectedRun } from '../enrollments/findAffected.ts';
import { readUse } from '../limits/lockLimits.ts';
import { countCriteria } from '../views/countCriteria.ts';
import { getView } from '../views/getView.ts';
import { getCadence } from './getCadence.ts';
import { getPublishContext } from './getPublishContext.ts';

export type PublishPreview = {
	/** Live version the preview was made against; sent back, so that somebody else's publish is noticed. */
	version: number | null;
	changes: DraftChanges;
	/** Names of those who changed the draft since then. */
	authors: string[];
	problems: Violation[];
	/** VER-4: live runs whose next step changed, by action. */
	affected: { actionId: string; title: string; count: number }[];
	/** Live runs that are not affected: they stay pinned to their version. */
	waiting: number;
	active: number;
	activeLimit: number;
	/** Records that match the draft's view now; null: manual enrollment, or counting took too long. */
	matching: number | null;
};

/**
 * What publishing the stored draft would do (VER-2, VER-4, VER-5), without doing it. Takes no lock that the engine
 * waits for; the publish transaction decides anew.
 * @throws forbidden, not_found
 */
export async function previewPublish(tx: OrgTx, actor: Actor, cadenceId: string): Promise<PublishPreview> {
	requirePermission(actor, 'cadences.manage');
	const cadence = await getCadence(tx, actor, cadenceId);
	const context = await getPublishContext(tx, actor, cadenceId);
	const live = await readLive(tx, actor.orgId, cadence.version?.id);
	const { draft, contributors } = await readDraft(tx, actor.orgId, cadenceId, { since: live?.docSeq });
	const compiled = compilePlan(draft, context);
	const affected =
		'plan' in compiled && live ? await findAffected(tx, actor.orgId, { cadenceId, plan: compiled.plan }) : [];
	const use = await readUse(tx, actor, cadence.module.id);
	return {
		version: cadence.version?.n ?? null,
		changes: diffDrafts(live?.graph ?? null, draft),
		authors: await readNames(tx, actor.orgId, contributors),
		problems: 'plan' in compiled ? compiled.warnings : compiled.violations,
		affected: byAction(affected, draft, live?.graph),
		waiting: cadence.live - affected.length,
		active: use.active,
		activeLimit: use.limits.active,
		matching: await countMatching(tx, actor, cadence.module.key, draft.settings.viewId)
	};
}

async function readLive(tx: OrgTx, orgId: string, versionId: string | undefined) {
	if (versionId === undefined) return undefined;
	const [live] = await tx
		.select({ graph: cadenceVersions.graph, docSeq: cadenceVersions.docSeq })
		.from(cadenceVersions)
		.where(and(eq(cadenceVersions.orgId, orgId), eq(cadenceVersions.id, versionId)));
	return live;
}

async function readNames(tx: OrgTx, orgId: string, ids: string[]): Promise<string[]> {
	if (!ids.length) return [];
	const rows = await tx
		.select({ name: users.name })
		.from(users)
		.where(and(eq(users.orgId, orgId), inArray(users.id, ids)))
		.orderBy(sql`lower(${users.name})`);
	return rows.map(({ name }) => name);
}

function byAction(affected: readonly AffectedRun[], draft: Draft, before: Draft | undefined) {
	const counts = new Map<string, number>();
	for (const { actionId } of affected) counts.set(actionId, (counts.get(actionId) ?? 0) + 1);
	return [...counts].map(([actionId, count]) => {
		const node = draft.nodes[actionId] ?? before?.nodes[actionId];
		return { actionId, count, title: node ? nodeLabel(node) : 'A step that is gone' };
	});
}

async function countMatching(tx: OrgTx, actor: Actor, moduleKey: string, viewId: string | null) {
	if (viewId === null) return null;
	try {
		const { criteria } = await getView(tx, actor, viewId);
		return await countCriteria(tx, actor, { moduleKey, criteria, audience: true });
	} catch (error) {
		// A deleted or private view, a module the actor may not see: a problem says so, a number is not needed.
		if (isDomainError(error)) return null;
		throw error;
	}
}
