import { and, eq, sql } from 'drizzle-orm';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { documents } from '../db/schema/cadences.ts';
import { loadDocument } from './loadDocument.ts';
import { notifyDocument } from './notify.ts';
import { writeGeneration } from './newGeneration.ts';

/**
 * Restore, discard, import (VER-6): the draft becomes this one under a new generation. Open canvases are closed with
 * 4409; a page that was offline is refused with its older generation and can offer its edits as a copy. Comments and
 * sticky notes stay (COL-3).
 * @throws DomainError `not_found`; `invalid` when the draft is too large
 */
export async function replaceDocument(
	tx: OrgTx,
	orgId: string,
	cadenceId: string,
	draft: Draft,
	userId: string
): Promise<{ generation: number; seq: number }> {
	const before = await loadDocument(tx, { orgId, cadenceId }, { lock: true });
	const [at] = await tx
		.update(documents)
		.set({
			generation: sql`${documents.generation} + 1`,
			seq: sql`${documents.seq} + 1`,
			compactedSeq: documents.seq
		})
		.where(and(eq(documents.orgId, orgId), eq(documents.cadenceId, cadenceId)))
		.returning({ generation: documents.generation, seq: documents.seq });
	if (!at) throw new DomainError('not_found', 'This cadence is no longer there.');
	await writeGeneration(tx, { orgId, cadenceId }, draft, { ...at, userId }, { before: before.updates });
	await notifyDocument(tx, { orgId, cadenceId }, at);
	return at;
}
