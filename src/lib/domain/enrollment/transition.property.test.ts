import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyDraft } from '../cadence/draft.ts';
import {
	branchKey,
	responsesByKind,
	type ActionKind,
	type Channel,
	type ResponseRef
} from '../cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch } from '../plan/plan.ts';
import { defaultBusinessHours } from '../time/calendar.ts';
import type { Delay } from '../time/delay.ts';
import { HOUR, MINUTE } from '../time/zone.ts';
import { withdraws } from './endReason.ts';
import type { RunEvent } from './runEvent.ts';
import { isLive, type EndReason, type Run } from './state.ts';
import { newRun, transition } from './transition.ts';

const channels = ['email', 'task', 'call', 'whatsapp'] as const;
const parameterOf = (channel: ActionKind, ref: ResponseRef['response'], n: number): ResponseRef => {
	if (ref === 'status') return { response: ref, parameter: ['In progress', 'Completed'][n % 2]! };
	if (ref === 'result') return { response: ref, parameter: ['Busy', 'Interested'][n % 2]! };
	if (ref === 'bounced') return { response: ref, parameter: n % 2 ? 'hard' : 'soft' };
	if (ref === 'clicked') return n % 2 ? { response: ref, parameter: String(n % 3) } : { response: ref };
	return { response: ref };
};

const anyDelay: fc.Arbitrary<Delay> = fc.record({
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

type Shape = { kind: Channel; branches: { response: number; n: number; delay: Delay; target: number }[] };
const anyShape: fc.Arbitrary<Shape> = fc.record({
	kind: fc.constantFrom(...channels),
	branches: fc.array(fc.record({ response: fc.nat(20), n: fc.nat(5), delay: anyDelay, target: fc.nat(10) }), {
		maxLength: 4
	})
});

/** A random valid plan: every branch leads forward, so there are no cycles; one branch per response. */
function planOf(shapes: Shape[], entry: Delay, endAfterDays: number | null): Plan {
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

type Command =
	| { do: 'due' | 'skip' | 'fail' | 'pause' | 'resume' | 'hold' | 'free' | 'unenroll' | 'restart' }
	| { do: 'respond'; response: number; n: number; late: boolean; machine: boolean };
const anyCommand: fc.Arbitrary<Command & { wait: number }> = fc
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
			arbitrary: fc.constantFrom(...(['fail', 'unenroll', 'restart'] as const)).map((one) => ({ do: one }))
		}
	)
	.chain((command) =>
		fc.constantFrom(0, MINUTE, 5 * HOUR, 80 * HOUR, 2000 * HOUR).map((wait) => ({ ...command, wait }))
	);

function eventOf(command: Command, run: Run, plan: Plan, now: number): RunEvent {
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

test('EXE-1, GRA-7, ENR-7: whatever happens to any plan, an action runs once and an ended run never moves', () => {
	fc.assert(
		fc.property(
			fc.array(anyShape, { minLength: 1, maxLength: 6 }),
			anyDelay,
			fc.option(fc.integer({ min: 1, max: 30 }), { nil: null }),
			fc.array(anyCommand, { maxLength: 40 }),
			(shapes, entry, endAfterDays, commands) => {
				const plan = planOf(shapes, entry, endAfterDays);
				let now = Date.UTC(2026, 0, 5, 8);
				const context = () => ({
					now,
					plan,
					rules: { lateReply: 'unenroll' as const, outcomes: [] },
					calendar: {
						orgTimeZone: 'America/New_York',
						businessHours: defaultBusinessHours,
						holidays: new Set<string>()
					},
					timeZone: 'Europe/Berlin'
				});
				let [run] = transition(newRun(), { kind: 'enroll' }, context());
				let executed: string[] = [];
				for (const command of commands) {
					now += command.wait;
					const event = eventOf(command, run, plan, now);
					const frozen = JSON.stringify(run);
					const [next, effects] = transition(run, event, context());
					// Pure: the run that came in is as it was.
					expect(JSON.stringify(run)).toBe(frozen);
					if (event.kind === 'restart' && next !== run) executed = [];
					else if (!isLive(run.status)) expect(next).toBe(run);
					for (const effect of effects)
						if (effect.kind === 'execute' || effect.kind === 'skip') executed.push(effect.action.id);
					expect(new Set(executed).size).toBe(executed.length);
					expect(next.done).toEqual(executed);
					if (effects.some((effect) => effect.kind === 'execute') && run.next)
						expect(run.next.dueAt).toBeLessThanOrEqual(now);
					// A timer that this event started is never before it.
					for (const [id, due] of Object.entries(next.race?.timed ?? {}))
						if (run.race?.timed[id] !== due) expect(due).toBeGreaterThanOrEqual(now);
					expect(next.status === 'paused').toBe(next.pauseCauses.length > 0);
					if (next.status !== 'active') expect(next.next).toBeNull();
					const ended = effects.find((effect) => effect.kind === 'ended');
					expect(ended !== undefined).toBe(isLive(run.status) && !isLive(next.status));
					if (ended?.kind === 'ended') expect(ended.withdraw).toBe(withdraws(next.endReason as EndReason));
					// EXE-3: an active run either waits for a hand-over, has something timed, or can still get a response.
					if (next.status === 'active' && typeof next.race?.openedAt === 'number' && !next.next)
						expect((plan.nodes[next.race.actionId] as PlanAction).branches.length).toBeGreaterThan(0);
					run = next;
				}
			}
		),
		{ numRuns: 1500 }
	);
});
