import type { ResponseRef } from '../cadence/responses.ts';
import type { Failure, SkipReason } from '../enrollment/runEvent.ts';
import type { Instant } from '../enrollment/state.ts';
import { happen, type Simulated, type Simulation } from './simulation.ts';

export type Answer = ResponseRef & {
	actionId: string;
	/** Received at; now, unless it waited to be worked on. */
	at?: Instant;
	machine?: boolean;
	failure?: Failure;
	skipped?: SkipReason;
};

/** VER-7: a response given by hand: what came back from an action of this run. */
export function answer(simulation: Simulation, { failure, skipped, at, machine, ...ref }: Answer): Simulated {
	return happen(simulation, {
		kind: 'response',
		response: { ...ref, at: at ?? simulation.now, ...(machine && { machine }) },
		...(failure && { failure }),
		...(skipped && { skipped })
	});
}
