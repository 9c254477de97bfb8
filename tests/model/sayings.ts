import { explainRun, nameOf } from '../../src/lib/domain/enrollment/explain.ts';
import type { Effect } from '../../src/lib/domain/enrollment/runEvent.ts';
import { answer } from '../../src/lib/domain/simulator/answer.ts';
import { runDue, type Simulation } from '../../src/lib/domain/simulator/simulation.ts';
import { comingBack } from './plans.ts';
import { isLive, type Life } from './life.ts';
import { handOver } from './post.ts';
import { actionOf, isMessage } from './race.ts';

const years = 40 * 365 * 86_400_000;
const time = (at: number) => `<${at}>`;

/** What "Why is it not moving?" says of a run. */
export function sentenceOf(life: Life, simulation: Simulation, now: number): string {
	const { run, plan } = simulation;
	const waiting = currentMessage(life);
	const webhook = waiting?.channel === 'webhook' ? waiting : null;
	const message = webhook ? null : waiting;
	return explainRun({
		run,
		plan,
		cadence: life.cadence,
		quarantineReason: null,
		pausedUntil: null,
		message: message
			? { status: message.status, waitReason: message.wait, notBefore: message.notBefore, errorText: null }
			: null,
		webhook: webhook && {
			status: webhook.status,
			waitReason: webhook.wait,
			notBefore: webhook.notBefore,
			lastError: webhook.wait === 'receiver' ? 'No' : null
		},
		waitingResponses: life.inbox.length,
		now,
		formatTime: time,
		reasonText: (reason) => reason
	});
}

const currentMessage = (life: Life) =>
	life.messages.find((one) => one.runNo === life.run!.no && one.actionId === life.run!.race?.actionId);

const at = (simulation: Simulation, now: number): Simulation => ({ ...simulation, now });
const effectsOf = (simulation: Simulation): Effect[] =>
	runDue(simulation).steps.flatMap((step) => step.effects);
const standsStill = (simulation: Simulation) => !effectsOf(at(simulation, simulation.now + years)).length;

/** Kinds of sentences, to see that all of them were met. */
export type Saying = 'over' | 'inbox' | 'paused' | 'outbox' | 'time' | 'due' | 'response';

/** Which kind of sentence it is, and what is not true of it. */
export function checkSentence(
	sentence: string,
	life: Life,
	simulation: Simulation,
	now: number
): { saying: Saying; wrong: string | null } {
	const found = sayings.find(({ pattern }) => pattern.test(sentence));
	if (!found) return { saying: 'over', wrong: 'nobody knows this sentence' };
	const [, ...words] = found.pattern.exec(sentence)!;
	return { saying: found.saying, wrong: found.check(words, { life, simulation, now }) };
}

type World = { life: Life; simulation: Simulation; now: number };
const sayings: {
	saying: Saying;
	pattern: RegExp;
	check: (words: string[], world: World) => string | null;
}[] = [
	{
		saying: 'over',
		pattern: /^It is over: it ended on <(\d+)> \((\w+)/,
		check: ([endedAt, reason], { life, simulation }) => {
			const { run } = life;
			if (run?.endedAt !== Number(endedAt) || run.reason !== reason) return 'not then, or not so';
			if (!standsStill(simulation)) return 'it moves by itself';
			const after = answers(simulation).find((one) => one.run.status !== simulation.run.status);
			return after ? 'a response moves it' : null;
		}
	},
	{
		saying: 'inbox',
		pattern: /^A response has just come in/,
		check: (_, { life }) => (life.inbox.length ? null : 'there is none')
	},
	{
		saying: 'paused',
		pattern: /^It is paused because (.+); its timers/,
		check: ([causes], { life, simulation }) => {
			const expected = ['a person paused it', 'the cadence is inactive'].filter((_, n) =>
				life.run!.pausedBy.has(['person', 'cadence_inactive'][n]!)
			);
			if (causes!.split(' and ').toSorted().join() !== expected.toSorted().join())
				return 'not because of that';
			return standsStill(simulation) ? null : 'it moves by itself';
		}
	},
	{
		saying: 'outbox',
		pattern:
			/^(.+?) (?:waits in the outbox(?: until <(\d+)>)?: .+|was not taken by its receiver \(No\); it is tried again(?: at <(\d+)>)?)\.$/,
		check: ([name, until, again], { life, simulation, now }) => {
			const action = actionOf(life.run!, life.run!.race!.actionId);
			if (nameOf(action) !== name || !(isMessage(action) || action.kind === 'webhook'))
				return 'not this message';
			if (!standsStill(simulation)) return 'it moves by itself';
			const free = Number(until ?? again ?? now);
			if (free > now && wasTried(life, free - 1)) return 'it goes before';
			return wasTried(life, free) ? null : 'it does not go then';
		}
	},
	{
		saying: 'time',
		pattern: /^It waits until <(\d+)>, then comes (.+)\.$/,
		check: ([until, name], { simulation }) => {
			const due = Number(until);
			if (effectsOf(at(simulation, due - 1)).length) return 'something comes before';
			return comes(effectsOf(at(simulation, due)), name!, simulation);
		}
	},
	{
		saying: 'due',
		pattern: /^(.+) is due and will be executed within seconds\.$/,
		check: ([name], { simulation, now }) => comes(effectsOf(at(simulation, now)), name!, simulation)
	},
	{
		saying: 'response',
		pattern: /^It waits for a response to (.+) \((.+)\); nothing is scheduled before\.$/,
		check: ([name], { life, simulation }) => {
			const action = actionOf(life.run!, life.run!.race!.actionId);
			if (nameOf(action) !== name) return 'not to this action';
			if (!standsStill(simulation)) return 'something is scheduled';
			const moved = answers(simulation).some((one) => one.run.next !== null || one.run.endedAt !== null);
			return moved ? null : 'no response moves it';
		}
	}
];

/** The run after each response that may come from its current action. */
function answers(simulation: Simulation): Simulation[] {
	const { race } = simulation.run;
	const action = race && simulation.plan.nodes[race.actionId];
	if (!race || !action || !(action.kind in comingBack)) return [];
	return comingBack[action.kind as keyof typeof comingBack].map(
		(ref) => answer(simulation, { ...ref, actionId: race.actionId }).simulation
	);
}

/** Whether the queue takes the message up at that time: it goes, or is put off for another reason. */
function wasTried(life: Life, when: number): boolean {
	const copy = structuredClone(life);
	const before = currentMessage(copy)!.notBefore;
	handOver(copy, when);
	const after = currentMessage(copy)!;
	return after.status !== 'queued' || after.notBefore !== before || !isLive(copy.run);
}

/** UNE-5: un-enrollment may come instead. */
function comes(effects: readonly Effect[], name: string, { plan, facts }: Simulation): string | null {
	if (!effects.length) return 'nothing comes';
	if (facts.leave) return effects.some(({ kind }) => kind === 'ended') ? null : 'it does not leave';
	for (const effect of effects) {
		if (effect.kind === 'decided')
			return nameOf(effect.condition) === name ? null : `${nameOf(effect.condition)} comes`;
		if (effect.kind === 'execute' || effect.kind === 'skip' || effect.kind === 'refuse')
			return nameOf(effect.action) === name ? null : `${nameOf(effect.action)} comes`;
		if (effect.kind === 'exit')
			return nameOf(plan.nodes[effect.exit.id]!) === name ? null : 'another exit comes';
		if (effect.kind === 'ended' && effect.reason === 'no_response')
			return name === 'the end of the wait for a response' ? null : 'the wait ends';
	}
	return 'something else comes';
}
