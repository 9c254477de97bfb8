import { eq, and, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { publishSchema, type PublishInput } from '#lib/domain/cadence/publish.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { checkReadable } from '#lib/domain/plan/checkReadable.ts';
import { compilePlan } from '#lib/domain/plan/compilePlan.ts';
import { diffDrafts, hasChanges } from '#lib/domain/plan/diffDrafts.ts';
import type { Plan, Violation } from '#lib/domain/plan/plan.ts';
import { notifyCadence } from '#lib/server/collab/notify.ts';
import { readDraft, type ReadDraft } from '#lib/server/collab/readDraft.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { cadences, cadenceVersions } from '../db/schema/cadences.ts';
import { answerExisting } from '../engine/answerExisting.ts';
import { onPublish, type PublishEffect } from '../enrollments/onPublish.ts';
import { failpoint } from '../failpoint.ts';
import { hasActiveSlot, lockLimits, requireActiveSlot } from '../limits/lockLimits.ts';
import { keepSetup } from '../modules/lockSetup.ts';
import { readPublishContext } from './getPublishContext.ts';
import { hashDraft } from './hashDraft.ts';
import { hashPlan } from './hashPlan.ts';
import { lockCadence, type LockedCadence } from './lockCadence.ts';

export type PublishResult = {
	versionId: string;
	n: number;
	state: 'active' | 'inactive';
	warnings: Violation[];
	/** What became of runs on older versions (VER-4). */
	effect: PublishEffect;
};

type Input = ReturnType<typeof publishSchema.parse>;

/**
 * VER-2: the draft as stored now becomes version n, in one transaction with activation, limits and what happens to
 * runs under way. Nothing is stored when anything is refused.
 * @throws forbidden, not_found, invalid (details: violations; also when nothing changed), conflict (somebody else
 * published meanwhile), limit
 */
export async function publishCadence(tx: OrgTx, actor: Actor, input: PublishInput): Promise<PublishResult> {
	requirePermission(actor, 'cadences.manage');
	const request = publishSchema.parse(input);
	await keepSetup(tx, actor.orgId);
	const cadence = await lockCadence(tx, actor, request.cadenceId);
	requireExpected(cadence, request.expectedVersion);
	const since = cadence.live?.docSeq;
	const read = await readDraft(tx, actor.orgId, cadence.id, { since });
	requireReviewed(read, request.reviewed);
	const context = await readPublishContext(tx, actor, cadence);
	const compiled = compilePlan(read.draft, context);
	const unreadable = checkReadable(read.dropped);
	if ('violations' in compiled) throw refused([...unreadable, ...compiled.violations]);
	if (unreadable.length) throw refused(unreadable);
	const sha256 = hashPlan(compiled.plan);
	if (cadence.live?.planSha256 === sha256 && !hasChanges(diffDrafts(cadence.live.graph, read.draft)))
		throw new DomainError(
			'invalid',
			`Nothing changed since version ${cadence.live.n}, so there is nothing to publish.`
		);

	const state = await nextState(tx, actor, cadence, request);
	const version = await storeVersion(tx, actor, cadence, {
		read,
		plan: compiled.plan,
		sha256,
		note: request.note
	});
	await goLive(tx, actor, cadence, { versionId: version.id, viewId: read.draft.settings.viewId, state });
	failpoint('publish.stored');
	const effect = await onPublish(tx, actor, {
		cadenceId: cadence.id,
		versionId: version.id,
		plan: compiled.plan,
		decisions: request.decisions,
		moveWaiting: request.moveWaiting
	});
	await answerExisting(tx, {
		orgId: actor.orgId,
		cadenceId: cadence.id,
		includeExisting: request.includeExisting
	});
	await writeAudit(tx, actor, {
		action: 'cadence.publish',
		objectType: 'cadence',
		objectId: cadence.id,
		before: { version: cadence.live?.n ?? null, state: cadence.state },
		after: { version: version.n, state, sha256, note: request.note, effect }
	});
	await notifyCadence(tx, actor, cadence.id, { what: 'published', version: version.n });
	failpoint('publish.written');
	return { versionId: version.id, n: version.n, state, warnings: compiled.warnings, effect };
}

/** VER-6: the publisher looked at another live version than there is now. */
function requireExpected(cadence: LockedCadence, expected: number | null): void {
	const n = cadence.live?.n ?? null;
	if (n === expected) return;
	throw new DomainError(
		'conflict',
		`Version ${n ?? 0} was published meanwhile by somebody else. Look at what changed, then publish again.`,
		'/expectedVersion',
		{ version: n, publishedBy: cadence.publishedBy, publishedAt: cadence.publishedAt }
	);
}

/** VER-6: somebody drew on while the publisher looked at the changes. */
function requireReviewed({ draft }: ReadDraft, reviewed: string | undefined): void {
	if (reviewed === undefined || reviewed === hashDraft(draft)) return;
	throw new DomainError(
		'conflict',
		'The draft was changed while you looked at it. Nothing was published. Look at the changes again, then publish.',
		'/reviewed'
	);
}

function refused(violations: Violation[]): DomainError {
	const errors = violations.filter((violation) => violation.severity === 'error');
	const [first] = errors;
	const more = errors.length > 1 ? ` ${errors.length - 1} more to fix.` : '';
	return new DomainError('invalid', `${first!.message}${more}`, pointerOf(first!), { violations });
}

const escapePart = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Where a violation sits, as a JSON pointer into the draft. */
function pointerOf({ at }: Violation): string {
	if ('node' in at) return `/nodes/${escapePart(at.node)}${at.field ? `/${escapePart(at.field)}` : ''}`;
	if ('edge' in at) return `/edges/${escapePart(at.edge)}`;
	return 'settings' in at ? `/settings/${at.settings.replaceAll('.', '/')}` : '';
}

/** VER-2, LIM-3: the first publish takes an active slot, or goes inactive; later ones keep what there is. */
async function nextState(
	tx: OrgTx,
	actor: Actor,
	cadence: LockedCadence,
	request: Input
): Promise<'active' | 'inactive'> {
	if (cadence.state !== 'draft') return cadence.state;
	if (!request.activate) return 'inactive';
	const use = await lockLimits(tx, actor, cadence.moduleId);
	if (hasActiveSlot(use)) return 'active';
	if (request.atLimit === 'refuse') requireActiveSlot(use);
	return 'inactive';
}

async function storeVersion(
	tx: OrgTx,
	actor: Actor,
	cadence: LockedCadence,
	{ read, plan, sha256, note }: { read: ReadDraft; plan: Plan; sha256: string; note: string }
): Promise<{ id: string; n: number }> {
	const id = newId();
	const [{ n } = { n: 1 }] = await tx
		.insert(cadenceVersions)
		.values({
			orgId: actor.orgId,
			id,
			cadenceId: cadence.id,
			n: sql`1 + coalesce((select max(v.n) from cadence_versions v
				where v.org_id = ${actor.orgId} and v.cadence_id = ${cadence.id}), 0)`,
			plan,
			planSha256: sha256,
			graph: read.draft,
			docGeneration: read.generation,
			docSeq: read.seq,
			note,
			changes: { ...diffDrafts(cadence.live?.graph ?? null, read.draft), authors: read.contributors },
			publishedBy: actor.userId
		})
		.returning({ n: cadenceVersions.n });
	return { id, n };
}

async function goLive(
	tx: OrgTx,
	actor: Actor,
	cadence: LockedCadence,
	{ versionId, viewId, state }: { versionId: string; viewId: string | null; state: 'active' | 'inactive' }
): Promise<void> {
	const activates = state === 'active' && cadence.state !== 'active';
	await tx
		.update(cadences)
		.set({
			activeVersionId: versionId,
			viewId,
			state,
			publishedBy: actor.userId,
			publishedAt: sql`app.now()`,
			...(activates ? { activatedAt: sql`app.now()` } : {}),
			...(viewId === cadence.viewId ? {} : { scannedAt: null, nextScanAt: null })
		})
		.where(and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadence.id)));
}
