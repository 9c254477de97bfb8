import { sql } from 'drizzle-orm';
import { transition } from '#lib/domain/enrollment/transition.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { loadCadences } from '../engine/cadenceContext.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from '../engine/enrollmentRow.ts';
import { quarantine, tryTransition, type Poison } from '../engine/poison.ts';
import { zoneOr } from '../engine/recordFacts.ts';
import { recordEffects, recordState, stepOf } from '../engine/recordStep.ts';
import { newBatch } from '../engine/stepBatch.ts';
import { writeBatch } from '../engine/writeBatch.ts';
import { redirectCalls } from './redirectCalls.ts';
import { remakeMessages, type WaitingRun } from './remakeMessages.ts';
import { transitionContext } from '../engine/transitionContext.ts';

const chunk = 5_000;

/**
 * VER-4: pins live runs to another version, where they go on from the point they have reached. In chunks with the rows
 * locked, in the caller's transaction, which holds the cadence's exclusive lock.
 * @returns how many were moved; those whose current action went are left as they are
 */
export async function moveRuns(
	tx: OrgTx,
	orgId: string,
	{ ids, versionId, plan }: { ids: readonly string[]; versionId: string; plan: Plan },
	actorId: string | null
): Promise<number> {
	let moved = 0;
	for (let at = 0; at < ids.length; at += chunk) {
		const rows = await tx.execute<Row>(sql`
			select ${enrollmentColumns}, r.time_zone as zone, round(extract(epoch from app.now()) * 1000)::float8 as now
			from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.org_id = ${orgId}::uuid and e.id = any(${sql.param(ids.slice(at, at + chunk))}::uuid[])
				and e.status in ('active', 'paused') and e.version_id <> ${versionId}::uuid
			order by e.id for update of e`);
		if (rows.length) moved += await moveChunk(tx, rows, { versionId, plan }, actorId);
	}
	return moved;
}

type Row = EnrollmentRow & { zone: string | null; now: number };

async function moveChunk(
	tx: OrgTx,
	rows: readonly Row[],
	{ versionId, plan }: { versionId: string; plan: Plan },
	actorId: string | null
): Promise<number> {
	const cadences = await loadCadences(
		tx,
		rows.map((row) => ({ orgId: row.org_id, cadenceId: row.cadence_id }))
	);
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId: row.org_id, versionId: row.version_id }))
	);
	const batch = newBatch(rows[0]!.now);
	const moved: WaitingRun[] = [];
	const poison: Poison[] = [];
	for (const row of rows) {
		const cadence = cadences.get(row.cadence_id)!;
		const before = runOf(row);
		const older = plans.get(row.version_id)!;
		const context = transitionContext(batch.now, older, cadence, zoneOr(row.zone, cadence.orgTimeZone));
		const event = { kind: 'move', to: plan, enrolledAt: row.enrolled_at } as const;
		const happened = tryTransition(poison, row, () => transition(before, event, context));
		if (!happened?.[1].length) continue;
		const [run, effects] = happened;
		const pinned = { ...row, version_id: versionId };
		const step = stepOf(pinned, plan, cadence);
		recordEffects(batch, step, effects, actorId, null);
		recordState(batch, step, before, run);
		moved.push({ row: pinned, run, plan, cadence });
	}
	await writeBatch(tx, batch);
	await quarantine(tx, poison);
	await remakeMessages(tx, moved, 'queued', actorId);
	await redirectCalls(tx, moved);
	return moved.length;
}
