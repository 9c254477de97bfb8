import fc from 'fast-check';
import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import {
	branchKey,
	responsesByKind,
	type ActionKind,
	type Channel,
	type ResponseRef
} from '../../src/lib/domain/cadence/responses.ts';
import type { RunEvent, TransitionContext } from '../../src/lib/domain/enrollment/runEvent.ts';
import type { Run } from '../../src/lib/domain/enrollment/state.ts';
import type { Plan, PlanAction, PlanBranch } from '../../src/lib/domain/plan/plan.ts';
import { defaultBusinessHours } from '../../src/lib/domain/time/calendar.ts';
import type { Delay } from '../../src/lib/domain/time/delay.ts';
import { HOUR, MINUTE } from '../../src/lib/domain/time/zone.ts';

const channels = ['email', 'task', 'call', 'whatsapp'] as const;
const parameterOf = (channel: ActionKind, ref: ResponseRef['response'], n: number): ResponseRef => {
	if (ref === 'status') return { response: ref, parameter: ['In progress', 'Completed'][n % 2]! };
	if (ref === 'result') return { response: ref, parameter: ['Busy', 'Interested'][n % 2]! };
	if (ref === 'bounced') return { response: ref, parameter: n % 2 ? 'hard' : 'soft' };
	if (ref === 'clicked') return n % 2 ? { response: ref, parameter: String(n % 3) } : { response: ref };
	return { response: ref };
};

export const anyDelay: fc.Arbitrary<Delay> = fc.record({
	amount: fc.integer({ min: 1, max: 40 }),
	unit: fc.constantFrom(
		'immediately',
		'minutes',
		'hours',
		'businessHours',
		'days',
		'businessDays',
		'weeks',
		'months'
	)
});

export type Shape = {
	kind: Channel;
	branches: { response: number; n: number; delay: Delay; target: number }[];
};
export const anyShape: fc.Arbitrary<Shape> = fc.record({
	kind: fc.constantFrom(...channels),
	branches: fc.array(fc.record({ response: fc.nat(20), n: fc.nat(5), delay: anyDelay, target: fc.nat(10) }), {
		maxLength: 4
	})
});

/** A random valid plan: every branch leads forward, so there are no cycles; one branch per response. */
export function planOf(shapes: Shape[], entry: Delay, endAfterDays: number | null): Plan {
	const id = (i: number) => `n${i}`;
	const nodes: Plan['nodes'] = {
		out: { kind: 'exit', id: 'out', followUp: 99, reason: '', goal: false }
	};
	for (const [i, shape] of shapes.entries()) {
		const branches = new Map<string, PlanBranch>();
		for (const { response, n, delay, target } of shape.branches) {
			const kinds = responsesByKind[shape.kind];
			const kind = kinds[response % kinds.length]!;
			const ref = kind.negativeOf ? { response: kind.kind } : parameterOf(shape.kind, kind.kind, n);
			const to = i + 1 + (target % (shapes.length - i));
			branches.set(branchKey(id(i), ref), {
				id: branchKey(id(i), ref),
				when: [ref],
				delay,
				target: to < shapes.length ? id(to) : 'out',
				negative: kind.negativeOf !== undefined,
				rank: response % 3
			});
		}
		nodes[id(i)] = {
			kind: shape.kind,
			id: id(i),
			followUp: i + 1,
			title: '',
			config: {},
			branches: [...branches.values()]
		} as unknown as PlanAction;
	}
	const settings = { ...emptyDraft().settings, endAfterDays };
	return {
		format: 1,
		module: 'leads',
		entry: { id: 'start/entry', target: 'n0', delay: entry },
		nodes,
		settings
	};
}

export type Command =
	| { do: 'due' | 'skip' | 'fail' | 'pause' | 'resume' | 'hold' | 'free' | 'unenroll' | 'restart' }
	| { do: 'skipTo'; target: number }
	| { do: 'respond'; response: number; n: number; late: boolean; machine: boolean };
export const anyCommand: fc.Arbitrary<Command & { wait: number }> = fc
	.oneof(
		{ weight: 6, arbitrary: fc.constant({ do: 'due' as const }) },
		{
			weight: 8,
			arbitrary: fc.record({
				do: fc.constant('respond' as const),
				response: fc.nat(20),
				n: fc.nat(5),
				late: fc.boolean(),
				machine: fc.boolean()
			})
		},
		{
			weight: 3,
			arbitrary: fc
				.constantFrom(...(['pause', 'resume', 'hold', 'free', 'skip'] as const))
				.map((one) => ({ do: one }))
		},
		{
			weight: 1,
			arbitrary: fc.nat(5).map((target) => ({ do: 'skipTo' as const, target }))
		},
		{
			weight: 1,
			arbitrary: fc.constantFrom(...(['fail', 'unenroll', 'restart'] as const)).map((one) => ({ do: one }))
		}
	)
	.chain((command) =>
		fc.constantFrom(0, MINUTE, 5 * HOUR, 80 * HOUR, 2000 * HOUR).map((wait) => ({ ...command, wait }))
	);

export function eventOf(command: Command, run: Run, plan: Plan, now: number): RunEvent {
	switch (command.do) {
		case 'due':
			return { kind: 'due', verdict: { do: 'execute' } };
		case 'skip':
			return { kind: 'due', verdict: { do: 'skip', reason: 'opt_out' } };
		case 'fail':
			return { kind: 'due', verdict: { do: 'fail', reason: 'missing_address', detail: null } };
		case 'pause':
		case 'hold':
			return { kind: 'pause', cause: command.do === 'pause' ? 'person' : 'cadence_inactive' };
		case 'resume':
		case 'free':
			return { kind: 'resume', cause: command.do === 'resume' ? 'person' : 'cadence_inactive' };
		case 'unenroll':
			return { kind: 'unenroll', reason: 'manual', detail: null };
		case 'restart':
			return { kind: 'restart' };
		case 'skipTo':
			return { kind: 'skipTo', actionId: `n${command.target}` };
		case 'respond': {
			const actionId = (command.late ? run.done[0] : run.race?.actionId) ?? 'n0';
			const action = plan.nodes[actionId] as PlanAction;
			const kinds = responsesByKind[action.kind].filter((one) => !one.negativeOf);
			const ref = parameterOf(action.kind, kinds[command.response % kinds.length]!.kind, command.n);
			return {
				kind: 'response',
				response: { ...ref, actionId, at: now, ...(command.machine && { machine: true }) }
			};
		}
	}
}

export const contextOf = (plan: Plan, now: number): TransitionContext => ({
	now,
	plan,
	rules: { lateReply: 'unenroll', outcomes: [] },
	calendar: {
		orgTimeZone: 'America/New_York',
		businessHours: defaultBusinessHours,
		holidays: new Set<string>()
	},
	timeZone: 'Europe/Berlin'
});
