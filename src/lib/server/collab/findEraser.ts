import { and, desc, eq, sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { documents, documentUpdates } from '../db/schema/cadences.ts';

/** The place of one value in the document: what Yjs deletes by. */
export const eraserSchema = z.object({
	client: z.int().nonnegative(),
	clock: z.int().nonnegative()
});

/** Who asks has just seen it go: it is among the newest entries of the log, and deleting takes few bytes. */
const NEWEST = 200;
const MOST_BYTES = 16_384;

/**
 * COL-2: who deleted this step or note. The document does not know, the log does. Null when it was folded already.
 * @throws forbidden
 */
export async function findEraser(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	{ client, clock }: z.output<typeof eraserSchema>
): Promise<{ id: string; name: string } | null> {
	requirePermission(actor, 'cadences.view');
	const log = await tx
		.select({ bytes: documentUpdates.bytes, id: users.id, name: users.name })
		.from(documentUpdates)
		.innerJoin(
			documents,
			and(
				eq(documents.orgId, documentUpdates.orgId),
				eq(documents.cadenceId, documentUpdates.cadenceId),
				eq(documents.generation, documentUpdates.generation)
			)
		)
		.innerJoin(users, and(eq(users.orgId, documentUpdates.orgId), eq(users.id, documentUpdates.userId)))
		.where(
			and(
				eq(documentUpdates.orgId, actor.orgId),
				eq(documentUpdates.cadenceId, cadenceId),
				sql`octet_length(${documentUpdates.bytes}) <= ${MOST_BYTES}`
			)
		)
		.orderBy(desc(documentUpdates.seq))
		.limit(NEWEST);
	// Later entries may repeat what is deleted already: the first that says so is meant.
	const found = log.findLast(({ bytes }) =>
		Y.decodeUpdate(bytes)
			.ds.clients.get(client)
			?.some((range) => range.clock <= clock && clock < range.clock + range.len)
	);
	return found ? { id: found.id, name: found.name } : null;
}
