import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import { endReasons, enrollmentStatuses } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { selectionSchema } from './enrollInput.ts';
import { requireCadenceModule } from './requireCadenceModule.ts';
import { resolveSelection } from './resolveSelection.ts';
import { visibleRuns } from './visibleRuns.ts';

/**
 * CRM-7, ENR-8: which runs an operation means: rows that were ticked, all of a cadence's Enrollments page as it was
 * shown, or the runs of selected records in one cadence.
 */
export const runSelectionSchema = z.union([
	z.object({ enrollmentIds: z.array(z.uuid()).min(1, 'Select at least one record.').max(100_000) }),
	z.object({
		cadenceId: z.uuid(),
		// Said aloud, so that a selection with a mistake in it never means everybody.
		all: z.literal(true),
		status: z.enum(enrollmentStatuses).nullable().default(null),
		reason: z.enum(endReasons).nullable().default(null)
	}),
	z.object({ cadenceId: z.uuid(), moduleKey: z.string().max(80), records: selectionSchema })
]);
export type RunSelection = z.infer<typeof runSelectionSchema>;

/** The enrollments that a selection means at this moment and that the actor may see (PER-3), in id order. */
export async function resolveRuns(tx: OrgTx, actor: Actor, selection: RunSelection): Promise<string[]> {
	if ('enrollmentIds' in selection) return (await visibleRuns(tx, actor, selection.enrollmentIds)).ids;
	const owner = visibleOwner(actor);
	const from = sql`from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
		where e.org_id = ${actor.orgId}::uuid and e.cadence_id = ${selection.cadenceId}::uuid
			and (${owner}::uuid is null or r.owner_id = ${owner}::uuid)`;
	if ('records' in selection) {
		const module = await getModule(tx, selection.moduleKey);
		requireModule(actor, module.key, 'view');
		const ids = await resolveSelection(tx, actor, module, selection.records);
		const rows = await tx.execute<{ id: string }>(sql`
			select e.id ${from} and e.record_id = any(${sql.param(ids)}::uuid[]) order by e.id`);
		return rows.map((row) => row.id);
	}
	await requireCadenceModule(tx, actor, selection.cadenceId);
	const { status, reason } = selection;
	const rows = await tx.execute<{ id: string }>(sql`
		select e.id ${from} and (${status}::text is null or e.status = ${status})
			and (${reason}::text is null or e.end_reason = ${reason}) order by e.id`);
	return rows.map((row) => row.id);
}

/** The cadences of some enrollments: their locks come before any row's. */
export async function cadencesOf(tx: OrgTx, orgId: string, ids: readonly string[]): Promise<string[]> {
	const rows = await tx.execute<{ id: string }>(sql`
		select distinct cadence_id as id from enrollments
		where org_id = ${orgId}::uuid and id = any(${sql.param([...ids])}::uuid[]) order by 1`);
	return rows.map((row) => row.id);
}
