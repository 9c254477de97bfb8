import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	anyCommand,
	anyDelay,
	anyShape,
	contextOf,
	eventOf,
	planOf
} from '../../../../tests/support/anyRun.ts';
import type { PlanAction } from '../plan/plan.ts';
import { withdraws } from './endReason.ts';
import { isLive, type EndReason } from './state.ts';
import { newRun, transition } from './transition.ts';

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
				const context = () => contextOf(plan, now);
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
