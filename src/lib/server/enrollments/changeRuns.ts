import { sql, type SQL } from 'drizzle-orm';
import type { RunEvent } from '#lib/domain/enrollment/runEvent.ts';
import { transition } from '#lib/domain/enrollment/transition.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { loadCadences } from '../engine/cadenceContext.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from '../engine/enrollmentRow.ts';
import { quarantine, tryTransition, type Poison } from '../engine/poison.ts';
import { zoneOr } from '../engine/recordFacts.ts';
import { recordEffects, recordState, stepOf } from '../engine/recordStep.ts';
import { newBatch } from '../engine/stepBatch.ts';
import { writeBatch } from '../engine/writeBatch.ts';
import { transitionContext } from '../engine/transitionContext.ts';

const chunk = 5_000;

/**
 * Applies one event (pause, resume, skip forward) to all runs that match a `where` over the alias `e`, in chunks in id order with the
 * rows locked, in the caller's transaction. The caller holds the cadences' locks.
 * @returns how many runs it changed
 */
export async function changeRuns(
	tx: OrgTx,
	orgId: string,
	where: SQL,
	event: Extract<RunEvent, { kind: 'pause' | 'resume' | 'skipTo' }>,
	actorId: string | null
): Promise<number> {
	const matching = sql`e.org_id = ${orgId}::uuid and e.status in ('active', 'paused') and ${where}`;
	// Once for all chunks: reading on from the last id would sort all that are left for each.
	const ids = await tx.execute<{ id: string }>(
		sql`select e.id from enrollments e where ${matching} order by e.id`
	);
	let changed = 0;
	for (let at = 0; at < ids.length; at += chunk) {
		const some = ids.slice(at, at + chunk).map(({ id }) => id);
		const rows = await tx.execute<EnrollmentRow & { zone: string | null; now: number }>(sql`
			select ${enrollmentColumns}, r.time_zone as zone, round(extract(epoch from app.now()) * 1000)::float8 as now
			from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.id = any(${sql.param(some)}::uuid[]) and ${matching}
			order by e.id for update of e`);
		if (rows.length) changed += await changeChunk(tx, rows, event, actorId);
	}
	return changed;
}

async function changeChunk(
	tx: OrgTx,
	rows: readonly (EnrollmentRow & { zone: string | null; now: number })[],
	event: RunEvent,
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
	const poison: Poison[] = [];
	for (const row of rows) {
		const cadence = cadences.get(row.cadence_id)!;
		const plan = plans.get(row.version_id)!;
		const run = runOf(row);
		const context = transitionContext(batch.now, plan, cadence, zoneOr(row.zone, cadence.orgTimeZone));
		const happened = tryTransition(poison, row, () => transition(run, event, context));
		if (!happened) continue;
		const [next, effects] = happened;
		const step = stepOf(row, plan, cadence);
		recordEffects(batch, step, effects, actorId, null);
		recordState(batch, step, run, next);
	}
	await writeBatch(tx, batch);
	await quarantine(tx, poison);
	return batch.changes.length;
}
