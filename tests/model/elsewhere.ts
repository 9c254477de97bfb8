import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { dateHasCome, end, enroll, leaveReason, lookAtChanges, scanForDate } from './interpreter.ts';
import { isLive, type Life } from './life.ts';
import { leavingStatus } from './plans.ts';

export type Other = Pick<Life, 'cadence' | 'enrollment'> & Partial<Plan['settings']['unenroll']>;

/** GRA-8: other cadences of an organization, into which journeys enroll their record. Nothing is ever due there. */
export const others: Record<string, Other> = {
	'#plain': { cadence: 'active', enrollment: 'manual' },
	'#strict': {
		cadence: 'active',
		enrollment: 'manual',
		criteria: { field: 'leadStatus', op: 'is', value: leavingStatus }
	},
	'#dated': { cadence: 'active', enrollment: 'manual', onDate: '2026-11-09' },
	'#off': { cadence: 'inactive', enrollment: 'manual' },
	'#audience': { cadence: 'active', enrollment: 'view' }
};

export function planOfOther({ cadence: _, enrollment: __, ...rules }: Other): Plan {
	const { settings } = emptyDraft();
	return {
		format: 1,
		module: 'leads',
		entry: { id: 'start/entry', target: 'out', delay: { amount: 99, unit: 'months' } },
		nodes: { out: { kind: 'exit', id: 'out', followUp: 1, reason: '', goal: false } },
		settings: { ...settings, unenroll: { ...settings.unenroll, ...rules } }
	};
}

/** The same record everywhere. */
function together(life: Life): Life[] {
	const { facts, gone, now, changed } = life;
	return [...life.elsewhere.values()].map((other) => Object.assign(other, { facts, gone, now, changed }));
}

/** ENR-3..6: what becomes of the record there. */
export function enrollElsewhere(life: Life, name: string, now: number): string {
	together(life);
	const other = life.elsewhere.get(name)!;
	if (other.cadence !== 'active' || other.enrollment !== 'manual') return 'cadence_inactive';
	if (isLive(other.run)) return 'already_enrolled';
	if (life.gone) return life.gone === 'converted' ? 'converted' : 'deleted';
	if (other.run) return 'enrolled_before';
	if (leaveReason(other)) return 'matches_unenrollment';
	enroll(other, 'cadence', now);
	return 'enrolled';
}

/** UNE-7: its runs end everywhere. */
export function endEverywhere(life: Life, reason: string, now: number): void {
	for (const one of [life, ...together(life)]) if (isLive(one.run)) end(one, one.run, reason, now);
}

/** UNE-1 (c). Before the life itself is looked at. */
export function lookElsewhere(life: Life, now: number): void {
	for (const other of together(life)) if (other.enrollment === 'manual') lookAtChanges(other, now);
}

/** UNE-1 (b). */
export function scanElsewhere(life: Life, now: number): void {
	for (const other of together(life)) scanForDate(other, now);
}

/** Other cadences that a scan would find something in. */
export function dueElsewhere(life: Life): string[] {
	together(life);
	return [...life.elsewhere]
		.filter(([, other]) => isLive(other.run) && dateHasCome(other))
		.map(([name]) => name);
}
