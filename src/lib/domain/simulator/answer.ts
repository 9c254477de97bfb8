import type { ResponseRef } from '../cadence/responses.ts';
import { findAction } from '../enrollment/branches.ts';
import type { Failure, SkipReason } from '../enrollment/runEvent.ts';
import type { Instant } from '../enrollment/state.ts';
import { addressKey } from './facts.ts';
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
	return happen(blockAddress(simulation, ref), {
		kind: 'response',
		response: { ...ref, at: at ?? simulation.now, ...(machine && { machine }) },
		...(failure && { failure }),
		...(skipped && { skipped })
	});
}

/** CHA-2, EXE-11: who unsubscribes gets no further message there, what bounces hard is not tried again. */
function blockAddress(simulation: Simulation, ref: ResponseRef & { actionId: string }): Simulation {
	const block =
		ref.response === 'unsubscribed'
			? 'unsubscribed'
			: ref.response === 'bounced' && ref.parameter === 'hard'
				? 'bounced'
				: null;
	const action = block && findAction(simulation.plan, ref.actionId);
	const key = action && addressKey(action, simulation.facts);
	if (!block || !key || simulation.blocked[key] === 'unsubscribed') return simulation;
	return { ...simulation, blocked: { ...simulation.blocked, [key]: block } };
}
