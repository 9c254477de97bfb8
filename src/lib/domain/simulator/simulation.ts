import { findAction, followConditions, getBranch, isAction } from '../enrollment/branches.ts';
import { awaitsHandOver, noResponseId } from '../enrollment/race.ts';
import type { Effect, LiveRules, RunEvent, TransitionContext } from '../enrollment/runEvent.ts';
import { isLive, type Instant, type Run } from '../enrollment/state.ts';
import { newRun, transition } from '../enrollment/transition.ts';
import { isHandedOver } from '../cadence/responses.ts';
import type { MergeValues } from '../mergeFields/values.ts';
import type { Plan, PlanAction } from '../plan/plan.ts';
import type { Calendar } from '../time/calendar.ts';
import { fit } from '../time/fit.ts';
import { verdictOn, type Blocked, type SimulatedFacts } from './facts.ts';
import { textOf, type RenderedText, type TemplateTexts } from './texts.ts';

/** VER-7: a run that nobody stores: the same `transition` as the engine's, on a clock that somebody turns. */
export type Simulation = {
	plan: Plan;
	rules: LiveRules;
	calendar: Calendar;
	facts: SimulatedFacts;
	templates: TemplateTexts;
	now: Instant;
	run: Run;
	/** The message or webhook that waits to be handed over, and from when it may (EXE-2). */
	outbox: { actionId: string; notBefore: Instant } | null;
	/** Addresses that unsubscribed or bounced on the way. */
	blocked: Blocked;
};

/** One thing that happened: when, by which branch, and what it did. */
export type SimulatedStep = {
	at: Instant;
	/** The branch that was due; null: something else moved the run. */
	branchId: string | null;
	effects: Effect[];
	/** What the executed action says. */
	text: RenderedText | null;
};

export type Simulated = { simulation: Simulation; steps: SimulatedStep[] };

export type SimulationInput = {
	plan: Plan;
	calendar: Calendar;
	facts: SimulatedFacts;
	templates?: TemplateTexts;
	now: Instant;
	/** ENR-8: the action to begin at. */
	startAt?: string;
};

/** VER-7: enrolls the record. Nothing is executed until the clock is turned. */
export function start({ startAt, templates = {}, ...input }: SimulationInput): Simulated {
	const { lateReply, unenroll } = input.plan.settings;
	const simulation: Simulation = {
		...input,
		templates,
		rules: { lateReply, outcomes: unenroll.outcomes },
		run: newRun(),
		outbox: null,
		blocked: {}
	};
	return happen(simulation, { kind: 'enroll', ...(startAt !== undefined && { startAt }) });
}

const contextOf = (simulation: Simulation): TransitionContext => ({
	now: simulation.now,
	plan: simulation.plan,
	rules: simulation.rules,
	calendar: simulation.calendar,
	timeZone: simulation.facts.timeZone
});

/** Anything but the clock: a pause, a resume, an un-enrollment, a restart, a skip forward, a response. */
export function happen(simulation: Simulation, event: RunEvent, branchId: string | null = null): Simulated {
	const [run, effects] = transition(simulation.run, event, contextOf(simulation));
	if (run === simulation.run && !effects.length) return { simulation, steps: [] };
	const next = { ...simulation, run };
	const executed = effects.find((effect) => effect.kind === 'execute')?.action ?? null;
	const text = executed && textOf(executed, simulation.templates, valuesFor(executed, simulation.facts));
	return {
		simulation: { ...next, outbox: outboxAfter(next, executed) },
		steps: [{ at: simulation.now, branchId, effects, text }]
	};
}

const valuesFor = (action: PlanAction, { mergeValues, senders }: SimulatedFacts): MergeValues | null => {
	const sender = senders && Object.hasOwn(senders, action.id) ? senders[action.id] : undefined;
	return mergeValues && sender ? { ...mergeValues, sender } : mergeValues;
};

/** EXE-2: a message waits for the cadence's window; a webhook for nothing. */
function outboxAfter(simulation: Simulation, executed: PlanAction | null): Simulation['outbox'] {
	const { run, outbox, plan } = simulation;
	if (!isLive(run.status) || !run.race || !awaitsHandOver(run.race)) return null;
	if (!executed && outbox?.actionId === run.race.actionId) return outbox;
	const action = findAction(plan, run.race.actionId);
	if (!action || !isHandedOver(action.kind)) return null;
	const notBefore = action.kind === 'webhook' ? simulation.now : sendableFrom(simulation);
	return { actionId: action.id, notBefore };
}

/** When the sending window of the whole cadence next lets a message out. */
function sendableFrom({ now, plan, facts, calendar }: Simulation): Instant {
	const { window, weekdays } = plan.settings;
	return (
		fit(now, { ...(window && { window }), ...(weekdays && { weekdays }) }, facts.timeZone, calendar) ?? now
	);
}

/** EXE-1, UNE-5: one pass of the engine at this very moment: un-enrollment first, else the branch that is due. */
export function runDue(simulation: Simulation): Simulated {
	const { run, now, facts, plan } = simulation;
	if (run.status !== 'active' || !run.next || run.next.dueAt > now) return { simulation, steps: [] };
	const { branchId } = run.next;
	if (facts.leave)
		return happen(simulation, { kind: 'unenroll', reason: facts.leave, detail: null }, branchId);
	const target = branchId === noResponseId ? null : targetOf(plan, run, branchId, facts);
	const verdict = target ? verdictOn(target, facts, simulation.blocked) : { do: 'execute' as const };
	return happen(simulation, { kind: 'due', verdict, choices: facts.choices }, branchId);
}

function targetOf(plan: Plan, run: Run, branchId: string, { choices }: SimulatedFacts): PlanAction | null {
	const { node } = followConditions(plan, getBranch(plan, run.race, branchId).target, choices);
	return node && isAction(node) ? node : null;
}
