import { emptyDraft, type DraftSettings } from '../../src/lib/domain/cadence/draft.ts';
import { branchKey, type ResponseRef } from '../../src/lib/domain/cadence/responses.ts';
import type {
	Effect,
	LiveRules,
	RunEvent,
	TransitionContext
} from '../../src/lib/domain/enrollment/runEvent.ts';
import type { EndReason, Run } from '../../src/lib/domain/enrollment/state.ts';
import { newRun, transition } from '../../src/lib/domain/enrollment/transition.ts';
import type { Plan, PlanAction, PlanBranch, PlanExit } from '../../src/lib/domain/plan/plan.ts';
import { defaultBusinessHours } from '../../src/lib/domain/time/calendar.ts';
import { immediately, type Delay } from '../../src/lib/domain/time/delay.ts';
import { HOUR } from '../../src/lib/domain/time/zone.ts';

export const branch = (
	from: string,
	when: ResponseRef,
	target: string,
	delay: Delay = immediately,
	rank = 5
): PlanBranch => ({
	id: branchKey(from, when),
	when: [when],
	delay,
	target,
	negative: when.response.startsWith('not'),
	rank
});
export const hours = (amount: number): Delay => ({ amount, unit: 'hours' });
export const action = (kind: PlanAction['kind'], id: string, branches: PlanBranch[] = []) =>
	({ kind, id, followUp: 1, title: id, config: {}, branches }) as unknown as PlanAction;
export const exit = (id: string, goal = false): PlanExit => ({
	kind: 'exit',
	id,
	followUp: 2,
	reason: 'Done',
	goal
});

const start = Date.UTC(2026, 2, 2, 9);

/** A run with its clock: what a test does to it, in hours after the start. */
export function world(
	nodes: (PlanAction | PlanExit)[],
	more: { settings?: Partial<DraftSettings>; rules?: Partial<LiveRules> } = {}
) {
	const plan: Plan = {
		format: 1,
		module: 'leads',
		entry: { id: 'start/entry', target: nodes[0]!.id, delay: immediately },
		nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
		settings: { ...emptyDraft().settings, ...more.settings }
	};
	let run: Run = newRun();
	let effects: Effect[] = [];
	const at = (hour: number): TransitionContext => ({
		now: start + hour * HOUR,
		plan,
		rules: { lateReply: 'unenroll', outcomes: [], ...more.rules },
		calendar: { orgTimeZone: 'UTC', businessHours: defaultBusinessHours, holidays: new Set() },
		timeZone: 'UTC'
	});
	const apply = (hour: number, event: RunEvent) => {
		[run, effects] = transition(run, event, at(hour));
		return api;
	};
	const api = {
		at,
		enroll: () => apply(0, { kind: 'enroll' }),
		due: (hour: number) => apply(hour, { kind: 'due', verdict: { do: 'execute' } }),
		skip: (hour: number) => apply(hour, { kind: 'due', verdict: { do: 'skip', reason: 'opt_out' } }),
		fail: (hour: number, reason: EndReason) =>
			apply(hour, { kind: 'due', verdict: { do: 'fail', reason, detail: null } }),
		/** Received at `hour`; applied at `applied`, after an outage. */
		gets: (
			hour: number,
			actionId: string,
			ref: ResponseRef & { machine?: boolean },
			options: { applied?: number; failure?: EndReason } = {}
		) =>
			apply(options.applied ?? hour, {
				kind: 'response',
				response: { ...ref, actionId, at: start + hour * HOUR },
				...(options.failure && { failure: { reason: options.failure, text: null } })
			}),
		unenroll: (hour: number, reason: EndReason) => apply(hour, { kind: 'unenroll', reason, detail: null }),
		pause: (hour: number, cause: 'person' | 'cadence_inactive' = 'person') =>
			apply(hour, { kind: 'pause', cause }),
		resume: (hour: number, cause: 'person' | 'cadence_inactive' = 'person') =>
			apply(hour, { kind: 'resume', cause }),
		skipTo: (hour: number, actionId: string) => apply(hour, { kind: 'skipTo', actionId }),
		restart: (hour: number) => apply(hour, { kind: 'restart' }),
		get run() {
			return run;
		},
		/** [branch, hours after the start] of what comes next. */
		get next() {
			return run.next && [run.next.branchId, (run.next.dueAt - start) / HOUR];
		},
		get effects() {
			return effects.map((effect) => effect.kind);
		},
		get end() {
			return [run.status, run.endReason];
		}
	};
	return api;
}

export const mail = (...branches: PlanBranch[]) => action('email', 'mail', branches);
export const next = action('task', 'next');
