import type { ResponseKind } from '../../src/lib/domain/cadence/responses.ts';
import type { RunEvent } from '../../src/lib/domain/enrollment/runEvent.ts';
import type { EndReason } from '../../src/lib/domain/enrollment/state.ts';
import { answer } from '../../src/lib/domain/simulator/answer.ts';
import type { SimulatedFacts } from '../../src/lib/domain/simulator/facts.ts';
import {
	happen,
	runDue,
	start,
	type Simulated,
	type SimulatedStep,
	type Simulation
} from '../../src/lib/domain/simulator/simulation.ts';
import { skipReasons } from '../../src/lib/domain/enrollment/runEvent.ts';
import { goneAs, refuses, type Deed } from './commands.ts';
import { choose } from './conditions.ts';
import { canFindOwner } from './extras.ts';
import { leaveReason } from './interpreter.ts';
import { names } from './plans.ts';
import { zoneOf, type Life } from './life.ts';

/** The third player of a journey (VER-7): the product's simulator, told what happens and never shown the database. */
export type Double = {
	simulation: Simulation | null;
	steps: SimulatedStep[];
	/** It plays one version of a cadence: another one was published. */
	gone: boolean;
};
export const newDouble = (): Double => ({ simulation: null, steps: [], gone: false });

function factsOf(life: Life): SimulatedFacts {
	const { facts, suppressed, plan } = life;
	const choices: Record<string, string> = {};
	const faults: Record<string, { reason: EndReason; detail: null }> = {};
	for (const node of Object.values(plan.nodes))
		if (node.kind === 'condition') choices[node.id] = choose(node, facts);
		else if (node.kind === 'email' && node.config.templateId === names.goneTemplate)
			faults[node.id] = { reason: 'template_gone', detail: null };
		else if (node.kind === 'email' && facts.owner !== names.owner)
			faults[node.id] = { reason: 'sender_gone', detail: null };
		else if (
			(node.kind === 'task' || node.kind === 'call' || node.kind === 'changeOwner') &&
			!canFindOwner(life, node.config.owner)
		)
			faults[node.id] = { reason: 'owner_inactive', detail: null };
		else if (node.kind === 'updateField' && node.config.field === 'nothing')
			faults[node.id] = { reason: 'field_gone', detail: null };
		else if (node.kind === 'updateField' && node.config.value === 'Boiling')
			faults[node.id] = { reason: 'value_refused', detail: null };
	const block = suppressed.get('email');
	return {
		timeZone: zoneOf(life),
		optOut: facts.optOut,
		addresses: { email: facts.email === 'ok' ? 'lead@example.org' : facts.email, phone: facts.phone },
		suppressed: block ? { email: block } : {},
		choices,
		leave: leaveReason(life) as EndReason | null,
		faults,
		mergeValues: null
	};
}

const keep = (double: Double, { simulation, steps }: Simulated): void => {
	double.simulation = simulation;
	double.steps.push(...steps);
};

/** The clock and the facts as they are now. */
function refresh(double: Double, life: Life, now: number): Simulation | null {
	if (double.simulation) double.simulation = { ...double.simulation, now, facts: factsOf(life) };
	return double.simulation;
}

/** After the model has enrolled: the simulator begins with the same record. */
export function beginDouble(double: Double, life: Life, now: number): void {
	if (double.simulation || double.gone || !life.run) return;
	const { zone: orgTimeZone, hours, holidays } = life.office;
	const calendar = { orgTimeZone, businessHours: hours, holidays: new Set(holidays) };
	const startAt = life.run.sentTo;
	keep(
		double,
		start({ plan: life.plan, calendar, facts: factsOf(life), now, ...(startAt !== null && { startAt }) })
	);
}

/** A person's deed, before the model has done it. */
export function tellDouble(double: Double, life: Life, deed: Deed, now: number): void {
	if (deed.do === 'publish') Object.assign(double, { simulation: null, gone: true });
	const simulation = refresh(double, life, now);
	const event = refuses(life, deed) ? null : eventOf(simulation, life, deed);
	if (simulation && event) keep(double, happen(simulation, event));
}

function eventOf(simulation: Simulation | null, life: Life, deed: Deed): RunEvent | null {
	switch (deed.do) {
		case 'pause':
		case 'pauseUntil':
			return { kind: 'pause', cause: 'person' };
		case 'resume':
			return { kind: 'resume', cause: 'person' };
		case 'remove':
		case 'convert':
		case 'merge':
			return { kind: 'unenroll', reason: goneAs(deed.do), detail: null };
		case 'unenroll':
			return { kind: 'unenroll', reason: 'manual', detail: null };
		case 'restart':
			return life.cadence === 'active' && !leaveReason(life)
				? { kind: 'restart', ...(deed.startAt !== null && { startAt: deed.startAt }) }
				: null;
		case 'skip':
			return { kind: 'skipTo', actionId: deed.actionId };
		case 'resumeStopped':
			return {
				kind: 'resumeStopped',
				to: life.plan,
				enrolledAt: life.run!.enrolledAt,
				handedOverAt: handedOverAt(life)
			};
		case 'deactivate':
			return { kind: 'pause', cause: 'cadence_inactive' };
		case 'activate':
			if (deed.halted === 'continue') return { kind: 'resume', cause: 'cadence_inactive' };
			return simulation?.run.pauseCauses.includes('cadence_inactive')
				? { kind: 'unenroll', reason: 'deactivated', detail: null }
				: null;
		case 'restore':
		case 'publish':
		case 'enroll':
		case 'facts':
		case 'delete':
		case 'respond':
			return null;
	}
}

/** A message that left although its run had stopped. */
const handedOverAt = ({ run, messages }: Life): number | null =>
	messages.find((one) => one.runNo === run!.no && one.actionId === run!.race?.actionId)?.sentAt ?? null;

/** ENR-8: a pause that is over. */
export function resumeDouble(double: Double, life: Life, now: number): void {
	const simulation = refresh(double, life, now);
	if (simulation) keep(double, happen(simulation, { kind: 'resume', cause: 'person' }));
}

/** UNE-1: the record was looked at and must leave. */
export function leaveDouble(double: Double, life: Life, now: number): void {
	const simulation = refresh(double, life, now);
	if (simulation?.facts.leave)
		keep(double, happen(simulation, { kind: 'unenroll', reason: simulation.facts.leave, detail: null }));
}

/** What the inbox holds, before the model works on it. */
export function answerDouble(double: Double, life: Life, now: number): void {
	for (const { runNo, actionId, kind, parameter, at, machine, reason, skipped } of life.inbox) {
		const simulation = refresh(double, life, now);
		if (runNo !== simulation?.run.runNo) continue;
		const skip = skipReasons.find((one) => one === skipped);
		keep(
			double,
			answer(simulation, {
				response: kind as ResponseKind,
				...(parameter !== undefined && { parameter }),
				actionId,
				at,
				machine: machine ?? false,
				...(reason && { failure: { reason: reason as EndReason, text: null } }),
				...(skip && { skipped: skip })
			})
		);
	}
}

/** What is due now, one action. */
export function advanceDouble(double: Double, life: Life, now: number): void {
	if (life.cadence !== 'active' || life.inbox.length) return;
	const simulation = refresh(double, life, now);
	if (simulation) keep(double, runDue(simulation));
}
