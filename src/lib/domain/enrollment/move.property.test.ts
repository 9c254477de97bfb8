import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	anyCommand,
	anyDelay,
	anyShape,
	contextOf,
	eventOf,
	planOf,
	type Command,
	type Shape
} from '../../../../tests/support/anyRun.ts';
import type { Plan, PlanAction } from '../plan/plan.ts';
import { getBranch, isSkip } from './branches.ts';
import { canMove } from './moveRun.ts';
import { isLive, type Instant, type Run } from './state.ts';
import { skipTargets } from './skipTo.ts';
import { noResponseId } from './race.ts';
import { newRun, transition } from './transition.ts';

const start = Date.UTC(2026, 0, 5, 8);
const anyShapes = fc.array(anyShape, { minLength: 1, maxLength: 6 });
const anyCommands = fc.array(anyCommand, { maxLength: 25 });

/** A run after some life, at some moment. */
function live(plan: Plan, commands: (Command & { wait: number })[]): { run: Run; now: Instant } {
	let now = start;
	let [run] = transition(newRun(), { kind: 'enroll' }, contextOf(plan, now));
	for (const command of commands) {
		now += command.wait;
		if (command.do === 'restart' || command.do === 'unenroll' || command.do === 'fail') continue;
		[run] = transition(run, eventOf(command, run, plan, now), contextOf(plan, now));
	}
	return { run, now };
}

/**
 * Every wait of a run; absolute, or what is left while it is paused. None of these plans has an end for silence: what stands
 * for it says only when the wait for one would have begun (EXE-3).
 */
function waitsOf(run: Run): Record<string, number> {
	const { [noResponseId]: _, ...waits } = run.frozen
		? Object.fromEntries(Object.entries(run.frozen).map(([id, { remaining }]) => [id, remaining]))
		: (run.race?.timed ?? (run.next ? { [run.next.branchId]: run.next.dueAt } : {}));
	return waits;
}

test('VER-4: moving to the same plan changes nothing', () => {
	fc.assert(
		fc.property(anyShapes, anyDelay, anyCommands, (shapes, entry, commands) => {
			const plan = planOf(shapes, entry, null);
			const { run, now } = live(plan, commands);
			const copy = structuredClone(plan);
			const [moved, effects] = transition(
				run,
				{ kind: 'move', to: copy, enrolledAt: start },
				contextOf(plan, now)
			);
			if (!isLive(run.status)) {
				expect(moved).toBe(run);
				return;
			}
			expect(effects).toEqual([{ kind: 'moved' }]);
			expect(waitsOf(moved)).toEqual(waitsOf(run));
			expect({ ...moved, race: null, frozen: null }).toEqual({ ...run, race: null, frozen: null });
			expect(moved.race?.responses).toEqual(run.race?.responses);
		}),
		{ numRuns: 500 }
	);
});

test('VER-4, EXE-1: whatever plans a run is moved between, no action runs twice and nothing is due in the past', () => {
	const anyTurn = fc.record({ shapes: anyShapes, entry: anyDelay, commands: anyCommands });
	fc.assert(
		fc.property(anyTurn, fc.array(anyTurn, { minLength: 1, maxLength: 3 }), (first, others) => {
			let plan = planOf(first.shapes, first.entry, 5);
			let { run, now } = live(plan, first.commands);
			const executed = [...run.done];
			for (const turn of others) {
				const to = planOf(turn.shapes as Shape[], turn.entry, null);
				const before = JSON.stringify(run);
				const [moved, effects] = transition(
					run,
					{ kind: 'move', to, enrolledAt: start },
					contextOf(plan, now)
				);
				expect(JSON.stringify(run)).toBe(before);
				expect(effects.some(({ kind }) => kind === 'moved')).toBe(
					isLive(run.status) && canMove(run, plan, to)
				);
				if (moved === run) continue;
				expect(moved.done).toEqual(run.done);
				expect(moved.pauseCauses).toEqual(isLive(moved.status) ? run.pauseCauses : []);
				for (const [id, due] of Object.entries(moved.race?.timed ?? {}))
					if (id !== noResponseId && due !== run.race?.timed[id]) expect(due).toBeGreaterThanOrEqual(now);
				if (moved.next && moved.next.dueAt !== run.next?.dueAt)
					expect(moved.next.dueAt).toBeGreaterThanOrEqual(now);
				run = moved;
				plan = to;
				for (const command of turn.commands) {
					now += command.wait;
					if (command.do === 'restart') continue;
					if (command.do === 'respond' && !(plan.nodes[run.race?.actionId ?? 'n0'] as PlanAction | undefined))
						continue;
					if (
						command.do === 'respond' &&
						!plan.nodes[(command.late ? run.done[0] : run.race?.actionId) ?? 'n0']
					)
						continue;
					const [next, more] = transition(run, eventOf(command, run, plan, now), contextOf(plan, now));
					for (const effect of more)
						if (effect.kind === 'execute' || effect.kind === 'skip') executed.push(effect.action.id);
					run = next;
				}
				expect(new Set(executed).size).toBe(executed.length);
				expect(run.done).toEqual(executed);
			}
		}),
		{ numRuns: 500 }
	);
});

test('REE-4: resumed right after the stop it is as if it had never stopped', () => {
	fc.assert(
		fc.property(anyShapes, anyDelay, anyCommands, (shapes, entry, commands) => {
			const plan = planOf(shapes, entry, 9);
			const { run, now } = live(plan, commands);
			if (!isLive(run.status)) return;
			const [stopped] = transition(
				run,
				{ kind: 'unenroll', reason: 'manual', detail: null },
				contextOf(plan, now)
			);
			const [resumed, effects] = transition(
				stopped,
				{ kind: 'resumeStopped', to: structuredClone(plan), enrolledAt: start, handedOverAt: null },
				contextOf(plan, now)
			);
			expect(effects).toEqual([{ kind: 'resumed' }]);
			// As after a pause of no length: business time outside opening hours is none (ENR-9).
			let [free] = transition(run, { kind: 'pause', cause: 'out_of_office' }, contextOf(plan, now));
			for (const cause of free.pauseCauses)
				[free] = transition(free, { kind: 'resume', cause }, contextOf(plan, now));
			const { timed: _, ...race } = resumed.race ?? { timed: {} };
			expect(race).toMatchObject(
				free.race ? { responses: free.race.responses, openedAt: free.race.openedAt } : {}
			);
			expect(resumed.status).toBe('active');

			// Overdue is overdue.
			const soon = (one: Run) => one.next && { ...one.next, dueAt: Math.max(one.next.dueAt, now) };
			expect(soon(resumed)).toEqual(soon(free));
		}),
		{ numRuns: 500 }
	);
});

test('REE-4: a stop of any length moves every wait by no less than it is behind, and never executes again', () => {
	fc.assert(
		fc.property(anyShapes, anyDelay, anyCommands, fc.nat(2_000_000_000), (shapes, entry, commands, away) => {
			const plan = planOf(shapes, entry, null);
			const { run, now } = live(plan, commands);
			if (!isLive(run.status)) return;
			const [stopped] = transition(
				run,
				{ kind: 'unenroll', reason: 'date', detail: null },
				contextOf(plan, now)
			);
			const later = now + away;
			const [resumed] = transition(
				stopped,
				{ kind: 'resumeStopped', to: plan, enrolledAt: start, handedOverAt: null },
				contextOf(plan, later)
			);
			expect(resumed.done).toEqual(run.done);
			for (const [id, due] of Object.entries(waitsOf(resumed))) {
				expect(due).toBeGreaterThanOrEqual(later);
				const was = run.frozen ? undefined : waitsOf(run)[id];
				const business = getBranch(plan, run.race, id).delay.unit.startsWith('business');
				if (was !== undefined && was > now && !business) expect(due).toBeGreaterThanOrEqual(was);
			}
		}),
		{ numRuns: 500 }
	);
});

test('ENR-8: skipping forward decides the race: only the chosen action comes next, whatever comes back meanwhile', () => {
	fc.assert(
		fc.property(anyShapes, anyDelay, anyCommands, anyCommands, (shapes, entry, before, after) => {
			const plan = planOf(shapes, entry, null);
			const { run, now } = live(plan, before);
			const target = isLive(run.status) ? skipTargets(run, plan)[0] : undefined;
			if (!target) return;
			expect(run.done).not.toContain(target.id);
			let [skipped] = transition(run, { kind: 'skipTo', actionId: target.id }, contextOf(plan, now));
			let at = now;
			for (const command of after) {
				if (command.do !== 'respond' && command.do !== 'pause' && command.do !== 'resume') continue;
				// A late reply un-enrolls (EXE-9), that is another rule.
				at += command.wait;
				const event = eventOf(command, skipped, plan, at);
				if (event.kind === 'response' && event.response.response === 'replied') continue;
				[skipped] = transition(skipped, event, contextOf(plan, at));
			}
			for (const cause of skipped.pauseCauses)
				[skipped] = transition(skipped, { kind: 'resume', cause }, contextOf(plan, at));
			expect(isSkip(skipped.next!.branchId)).toBe(true);
			const [arrived, effects] = transition(
				skipped,
				{ kind: 'due', verdict: { do: 'execute' } },
				contextOf(plan, at)
			);
			expect(effects[0]).toMatchObject({ kind: 'execute', action: { id: target.id } });
			expect(arrived.race?.actionId).toBe(target.id);
		}),
		{ numRuns: 500 }
	);
});
