import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences, cadenceVersions } from '../db/schema/cadences.ts';
import { noCadence } from './getCadence.ts';

export type LockedCadence = typeof cadences.$inferSelect & {
	/** The live version; null before the first publish. */
	live: typeof cadenceVersions.$inferSelect | null;
};

/**
 * RELIABILITY.md 2.2: the exclusive advisory lock of a cadence, then its row. Passes of the engine hold the lock
 * shared, so after the caller's commit nothing starts under the old state. Always the first lock of a transaction.
 * @throws not_found
 */
export async function lockCadence(
	tx: OrgTx,
	{ orgId }: Pick<Actor, 'orgId'>,
	cadenceId: string
): Promise<LockedCadence> {
	await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${cadenceId}))`);
	const [row] = await tx
		.select()
		.from(cadences)
		.where(and(eq(cadences.orgId, orgId), eq(cadences.id, cadenceId), isNull(cadences.deletedAt)))
		.for('update');
	if (!row) throw noCadence();
	if (row.activeVersionId === null) return { ...row, live: null };
	const [live] = await tx
		.select()
		.from(cadenceVersions)
		.where(and(eq(cadenceVersions.orgId, orgId), eq(cadenceVersions.id, row.activeVersionId)));
	return { ...row, live: live ?? null };
}
