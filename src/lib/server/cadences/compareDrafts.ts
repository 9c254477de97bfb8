import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { draftSchema, type Draft } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { peekDraft } from '#lib/server/collab/peekDraft.ts';
import type { OrgTx } from '../db/client.ts';
import { cadenceVersions } from '../db/schema/cadences.ts';
import { getCadence } from './getCadence.ts';
import { nameAuthors, type NamedAuthors } from './nameAuthors.ts';

/** A version by its number, or the draft of this moment. */
export const stateRefSchema = z.union([
	z.literal('draft'),
	z.coerce.number<string>().int().min(1).max(1_000_000)
]);
export type StateRef = z.output<typeof stateRefSchema>;

type ComparedState = { ref: StateRef; draft: Draft };
export type Comparison = {
	before: ComparedState;
	after: ComparedState;
	/** Who changed what; only of the draft against the live version. */
	authors: NamedAuthors | null;
};

/**
 * VER-6: two states of a cadence side by side, for the diff on the canvas.
 * @throws forbidden, not_found (the cadence or a version)
 */
export async function compareDrafts(
	tx: OrgTx,
	actor: Actor,
	{ cadenceId, from, to }: { cadenceId: string; from: StateRef; to: StateRef }
): Promise<Comparison> {
	const cadence = await getCadence(tx, actor, cadenceId);
	const key = { orgId: actor.orgId, cadenceId: cadence.id };
	const before = await readState(tx, key, from);
	const after = await readState(tx, key, to);
	const isReview = to === 'draft' && from === cadence.version?.n;
	return {
		before: { ref: from, draft: before.draft },
		after: { ref: to, draft: after.draft },
		authors: isReview ? await nameAuthors(tx, key, { generation: before.generation, seq: before.seq }) : null
	};
}

type Key = { orgId: string; cadenceId: string };

/** @throws not_found */
export async function readState(
	tx: OrgTx,
	{ orgId, cadenceId }: Key,
	ref: StateRef
): Promise<{ draft: Draft; generation: number; seq: number }> {
	if (ref === 'draft') return peekDraft(tx, { orgId, cadenceId });
	const [version] = await tx
		.select({
			graph: cadenceVersions.graph,
			generation: cadenceVersions.docGeneration,
			seq: cadenceVersions.docSeq
		})
		.from(cadenceVersions)
		.where(
			and(
				eq(cadenceVersions.orgId, orgId),
				eq(cadenceVersions.cadenceId, cadenceId),
				eq(cadenceVersions.n, ref)
			)
		);
	if (!version) throw new DomainError('not_found', `This cadence has no version ${ref}.`);
	// Fields that came later have their defaults.
	return { ...version, draft: draftSchema.parse(version.graph) };
}
