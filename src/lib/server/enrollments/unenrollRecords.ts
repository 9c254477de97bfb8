import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import {
	canInModule,
	requireModule,
	requirePermission,
	visibleOwner
} from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { failpoint } from '../failpoint.ts';
import { getModule } from '../modules/getModule.ts';
import { endRuns } from './endRuns.ts';
import { inlineLimit, selectionSchema } from './enrollInput.ts';
import { resolveRuns, runSelectionSchema } from './resolveRuns.ts';
import { resolveSelection } from './resolveSelection.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export const unenrollSchema = z.object({
	/** null: from every cadence they are in. */
	cadenceId: z.uuid().nullable().default(null),
	/** Enrollments, or records of a module. */
	target: z.union([
		/** As the cadence's Enrollments page means them, however many they are. */
		z.object({ runs: runSelectionSchema }),
		z.object({ enrollmentIds: z.array(z.uuid()).min(1).max(100_000) }),
		z.object({ moduleKey: z.string().max(80), records: selectionSchema })
	]),
	reason: z.string().trim().max(500).default('')
});

export type UnenrollOutcome =
	{ kind: 'done'; unenrolled: number } | { kind: 'background'; taskId: string; total: number };

/**
 * UNE-3, UNE-4: un-enrolls by hand, single or bulk, with an optional reason. Permission UNENROLL; works on paused runs and
 * in inactive cadences too (UNE-6).
 * @throws forbidden, invalid
 */
export async function unenrollRecords(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof unenrollSchema>
): Promise<UnenrollOutcome> {
	requirePermission(actor, 'cadences.unenroll');
	const request = unenrollSchema.parse(input);
	const enrollmentIds = await resolveTarget(tx, actor, request);
	if (enrollmentIds.length > inlineLimit) {
		const task = { enrollmentIds, reason: request.reason };
		const taskId = await startBackgroundTask(tx, actor, 'unenroll', task, enrollmentIds.length);
		return { kind: 'background', taskId, total: enrollmentIds.length };
	}
	return { kind: 'done', unenrolled: await unenrollChunk(tx, actor, enrollmentIds, request.reason) };
}

/** Ids of the live runs that are meant and that the actor may see (PER-3). */
async function resolveTarget(
	tx: OrgTx,
	actor: Actor,
	{ cadenceId, target }: z.infer<typeof unenrollSchema>
): Promise<string[]> {
	const owner = visibleOwner(actor);
	const visible = sql`e.org_id = ${actor.orgId}::uuid and e.status in ('active', 'paused')
		and (${cadenceId}::uuid is null or e.cadence_id = ${cadenceId}::uuid)
		and (${owner}::uuid is null or r.owner_id = ${owner}::uuid)`;
	const from = sql`from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id`;
	if ('runs' in target) {
		const ids = await resolveRuns(tx, actor, target.runs);
		const rows = await tx.execute<{ id: string }>(sql`
			select e.id ${from} where ${visible} and e.id = any(${sql.param(ids)}::uuid[]) order by e.id`);
		return rows.map((row) => row.id);
	}
	if ('enrollmentIds' in target) {
		const rows = await tx.execute<{ id: string; module_key: string }>(sql`
			select e.id, m.key as module_key ${from} join modules m on m.org_id = r.org_id and m.id = r.module_id
			where ${visible} and e.id = any(${sql.param(target.enrollmentIds)}::uuid[]) order by e.id`);
		return rows.filter((row) => canInModule(actor, row.module_key, 'view')).map((row) => row.id);
	}
	const module = await getModule(tx, target.moduleKey);
	requireModule(actor, module.key, 'view');
	const ids = await resolveSelection(tx, actor, module, target.records);
	const rows = await tx.execute<{ id: string }>(sql`
		select e.id ${from} where ${visible} and r.module_id = ${module.id}::uuid
			and e.record_id = any(${sql.param(ids)}::uuid[]) order by e.id`);
	return rows.map((row) => row.id);
}

/** One set in the caller's transaction: cadence locks in id order, then rows (RELIABILITY.md 2.2). */
export async function unenrollChunk(
	tx: OrgTx,
	actor: Actor,
	enrollmentIds: readonly string[],
	reason: string
): Promise<number> {
	if (!enrollmentIds.length) return 0;
	const cadences = await tx.execute<{ id: string }>(sql`
		select distinct cadence_id as id from enrollments
		where org_id = ${actor.orgId}::uuid and id = any(${sql.param([...enrollmentIds])}::uuid[])`);
	await lockShared(
		tx,
		cadences.map((row) => row.id)
	);
	const ended = await endRuns(
		tx,
		enrollmentIds.map((enrollmentId) => ({
			orgId: actor.orgId,
			enrollmentId,
			reason: 'manual' as const,
			detail: reason || null
		})),
		actor.userId
	);
	failpoint('unenroll.written');
	await writeAudit(
		tx,
		actor,
		[...Map.groupBy(ended, (run) => run.cadenceId)].map(([cadenceId, runs]) => ({
			action: 'cadence.unenroll',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { unenrolled: runs.length, reason: reason || null }
		}))
	);
	return ended.length;
}
