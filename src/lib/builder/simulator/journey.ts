import type { Effect } from '#lib/domain/enrollment/runEvent.ts';
import type { SimulatedStep, Simulation } from '#lib/domain/simulator/simulation.ts';
import type { ActionPeople } from '#lib/domain/simulator/world.ts';
import { turnToNext, nextInstant } from '#lib/domain/simulator/turnClock.ts';

/** A step with what was known of people at that moment. */
export type JourneyStep = SimulatedStep & { people: Readonly<Record<string, ActionPeople>> };

/** One moment of a simulation: where it stands and everything that led there. Going back is an older one. */
export type Journey = { simulation: Simulation; steps: readonly JourneyStep[] };

const changing: ReadonlySet<string> = new Set(['updateField', 'tags', 'changeOwner']);

/** The actions that changed the record so far, in order. */
export const changesOf = ({ steps }: Journey): string[] =>
	steps.flatMap(({ effects }) =>
		effects.flatMap((effect) =>
			effect.kind === 'execute' && changing.has(effect.action.kind) ? [effect.action.id] : []
		)
	);

export const isOver = ({ simulation }: Journey): boolean => simulation.run.endedAt !== null;

/** Whether what just happened queued something that leaves at the same moment: nobody wants to press for that. */
const leavesAtOnce = (simulation: Simulation, effects: readonly Effect[]): boolean =>
	effects.some(({ kind }) => kind === 'execute') && simulation.outbox?.notBefore === simulation.now;

/** Lets the next thing happen; a message that is sent at the same moment goes with it. */
export function happenNext(journey: Journey, people: JourneyStep['people']): Journey {
	const first = turnToNext(journey.simulation);
	const steps = [...first.steps];
	let { simulation } = first;
	if (leavesAtOnce(simulation, steps.at(-1)?.effects ?? [])) {
		const sent = turnToNext(simulation);
		steps.push(...sent.steps);
		({ simulation } = sent);
	}
	return { simulation, steps: [...journey.steps, ...steps.map((step) => ({ ...step, people }))] };
}

export const nextAt = ({ simulation }: Journey) => nextInstant(simulation);
