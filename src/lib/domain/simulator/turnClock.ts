import type { Instant } from '../enrollment/state.ts';
import { answer } from './answer.ts';
import { verdictOn } from './facts.ts';
import { runDue, type Simulated, type SimulatedStep, type Simulation } from './simulation.ts';

/** No plan has a cycle, so a run ends after fewer steps than this. */
const maxSteps = 10_000;

/** VER-7: when something happens by itself next; null: only a response or a person can move it. */
export function nextInstant({ run, outbox, now }: Simulation): Instant | null {
	const handOverAt = run.status === 'active' ? outbox?.notBefore : undefined;
	const times = [run.next?.dueAt, handOverAt].filter((at) => at !== undefined);
	return times.length ? Math.max(now, Math.min(...times)) : null;
}

/** Turns the clock to an instant: everything that is due on the way happens at its own time. Never backwards. */
export function turnTo(simulation: Simulation, until: Instant): Simulated {
	const steps: SimulatedStep[] = [];
	let at = simulation;
	for (let n = 0; n < maxSteps; n++) {
		const next = nextInstant(at);
		if (next === null || next > until) break;
		const { simulation: moved, steps: more } = happenAt({ ...at, now: next });
		steps.push(...more);
		at = moved;
		if (!more.length) break;
	}
	return { simulation: { ...at, now: Math.max(at.now, until) }, steps };
}

/** Turns the clock to the next instant at which something happens by itself, and lets it happen. */
export function turnToNext(simulation: Simulation): Simulated {
	const next = nextInstant(simulation);
	return next === null ? { simulation, steps: [] } : happenAt({ ...simulation, now: next });
}

/** EXE-10: a message that may go is sent; the relay always takes it. */
function happenAt(simulation: Simulation): Simulated {
	const { outbox, now, plan, run, facts } = simulation;
	if (run.status !== 'active' || !outbox || outbox.notBefore > now) return runDue(simulation);
	const action = plan.nodes[outbox.actionId];
	if (action?.kind === 'webhook') return answer(simulation, { response: 'done', actionId: action.id });
	// EXE-2, EXE-5: checked again at hand-over.
	const verdict =
		action?.kind === 'email' || action?.kind === 'whatsapp'
			? verdictOn(action, facts, simulation.blocked)
			: null;
	const blocked = verdict?.do === 'skip' ? verdict.reason : null;
	return answer(simulation, {
		response: 'sent',
		actionId: outbox.actionId,
		...(blocked && { skipped: blocked })
	});
}
