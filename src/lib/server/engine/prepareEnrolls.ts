import { sql } from 'drizzle-orm';
import { tryLockShared } from './activeCadences.ts';
import type { PlanActionOf } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import { classifyFor } from '../enrollments/classifyRecords.ts';
import type { EnrollSkip } from '../enrollments/enrollInput.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import type { DueRun } from './dueRow.ts';
import type { Later } from './prepareChanges.ts';
import type { Prepared } from './verdict.ts';

export type Enrolling = { run: DueRun; action: PlanActionOf<'enroll'> };

/** A cadence that is being published or (de)activated is waited for outside the pass, so that none can hold another up. */
const retryMs = 1000;

/**
 * GRA-8, ENR-3..6: what enrolling into another cadence would do with each record. The other cadence's shared lock is
 * only tried, in id order: a pass that waited for a publish here could hold up another pass or be held up by itself.
 */
export async function prepareEnrolls(
	tx: OrgTx,
	wanted: readonly Enrolling[]
): Promise<{ prepared: Map<DueRun, Prepared>; later: Later[] }> {
	const prepared = new Map<DueRun, Prepared>();
	const targets = [...new Set(wanted.flatMap(({ action }) => action.config.cadenceId ?? []))].sort();
	const locked = await tryLockShared(tx, targets);
	const later = wanted
		.filter(({ action }) => action.config.cadenceId !== null && !locked.has(action.config.cadenceId))
		.map(({ run }) => ({ run, afterMs: retryMs }));
	const put = new Set(later.map(({ run }) => run));
	const groups = Map.groupBy(
		wanted.filter(({ run }) => !put.has(run)),
		({ run, action }) => `${run.row.org_id}/${action.config.cadenceId ?? ''}`
	);
	for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const [orgId = '', cadenceId = ''] = key.split('/');
		const found = cadenceId ? (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId) : undefined;
		const target = found && isOpen(found) ? found : null;
		const outcomes = target
			? await outcomesOf(
					tx,
					target,
					group.map(({ run }) => run.row.record_id)
				)
			: null;
		const taken = new Set<string>();
		for (const { run } of group) {
			const id = run.row.record_id;
			const outcome = taken.has(id)
				? 'already_enrolled'
				: outcomes
					? (outcomes.get(id) ?? 'deleted')
					: 'cadence_inactive';
			taken.add(id);
			prepared.set(run, {
				verdict: { do: 'execute' },
				ownerId: null,
				senderId: null,
				address: null,
				extra: { kind: 'enroll', target, outcome }
			});
		}
	}
	return { prepared, later };
}

const isOpen = (cadence: CadenceContext): boolean =>
	!cadence.deleted &&
	cadence.state === 'active' &&
	cadence.plan !== null &&
	cadence.enrollmentKind === 'manual';

async function outcomesOf(
	tx: OrgTx,
	target: CadenceContext,
	ids: readonly string[]
): Promise<Map<string, EnrollSkip | 'ok'>> {
	await tx.execute(sql`select set_config('app.org', ${target.orgId}, true)`);
	const rows = await classifyFor(tx, { orgId: target.orgId, ownerId: null }, target, [...new Set(ids)]);
	return new Map(rows.map(({ id, outcome }) => [id, outcome]));
}
