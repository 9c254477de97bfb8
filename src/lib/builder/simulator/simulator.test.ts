import { describe, expect, test } from 'vitest';
import { compilePlan } from '#lib/domain/plan/compilePlan.ts';
import { answer } from '#lib/domain/simulator/answer.ts';
import { start } from '#lib/domain/simulator/simulation.ts';
import type { SimulatedWorld } from '#lib/domain/simulator/world.ts';
import { defaultBusinessHours } from '#lib/domain/time/calendar.ts';
import { context, ids, nodes } from '../../../../tests/support/drafts.ts';
import { days, draftOf } from '../../../../tests/support/draftOf.ts';
import { answersTo } from './answers.ts';
import { changesOf, happenNext, isOver, type Journey } from './journey.ts';
import { journeyMarks } from './journeyMarks.ts';
import { nextWords } from './nextWords.ts';
import { Simulator } from './simulator.svelte.ts';
import { simulatorKey } from './simulatorKeys.ts';
import { stepLines, type StepNames } from './stepWords.ts';

const monday = Date.UTC(2026, 2, 2, 9);
const draft = draftOf(
	{
		hello: nodes.email('Hello'),
		tag: nodes.tags('Tag it'),
		ask: nodes.condition('Ask'),
		ring: nodes.call('Ring'),
		won: { ...nodes.exit('Won'), goal: true }
	},
	[
		['start', 'entry', 'hello'],
		['hello', 'sent', 'tag', days(3)],
		['hello', 'replied', 'won'],
		['tag', 'done', 'ask'],
		['ask', 'case', 'ring', undefined, 'hot'],
		['ring', 'result', 'won', undefined, 'Interested']
	]
);
const compiled = compilePlan(draft, context);
if (!('plan' in compiled)) throw new Error(JSON.stringify(compiled.violations));
const { plan } = compiled;
const calendar = { orgTimeZone: 'UTC', businessHours: defaultBusinessHours, holidays: [] };
const facts = (choice: string): SimulatedWorld['facts'] => ({
	timeZone: 'UTC',
	optOut: { email: false, call: false, whatsapp: false },
	addresses: { email: 'bea@example.org', 'account.phone': '+4915112345678' },
	suppressed: {},
	choices: { ask: choice },
	leave: null,
	faults: {},
	mergeValues: null
});
const world = (more: Partial<SimulatedWorld> = {}): SimulatedWorld => ({
	sha256: 'a',
	plan,
	calendar,
	now: monday,
	facts: facts('hot'),
	templates: { hello: { subject: 'Hi', body: '<p>Hi</p>' } },
	people: { hello: { from: 'Sales <s@a.example>', to: 'bea@example.org', owner: null, variant: 1 } },
	record: { id: null, name: 'Bea' },
	inView: null,
	timeBound: true,
	...more
});
const names: StepNames = {
	titleOf: (id) => draft.nodes[id]?.title || id,
	responseOf: (_, { response, parameter }) => parameter ?? response,
	doesOf: () => ''
};
function begun(): Journey {
	const { simulation, steps } = start({
		plan,
		calendar: { ...calendar, holidays: new Set() },
		facts: facts('hot'),
		now: monday
	});
	return { simulation, steps: steps.map((step) => ({ ...step, people: {} })) };
}
const lines = (journey: Journey) =>
	journey.steps
		.flatMap((step) => stepLines(step, names))
		.map(({ title, detail }) => `${title} ${detail}`.trim());

describe('a journey', () => {
	test('VER-7: a message and its sending are one step; then the next event waits at its own time', () => {
		const sent = happenNext(begun(), world().people);
		expect(lines(sent)).toEqual([
			'Enrolled',
			'Hello To bea@example.org · From Sales <s@a.example> · Variant B',
			'sent Hello'
		]);
		expect(nextWords(sent, names)).toBe('Tag it');
		expect(journeyMarks(sent).nodes.get('hello')).toEqual({ tone: 'current', label: 'Here' });
		expect(journeyMarks(sent).edges.get('hello/sent')).toBe('next');
		expect(journeyMarks(sent).edges.get('start/entry')).toBe('passed');
	});

	test('VER-7, GRA-10: what an action changed is known, decisions light up their branch', () => {
		let journey = begun();
		for (let n = 0; n < 3; n++) journey = happenNext(journey, {});
		expect(changesOf(journey)).toEqual(['tag']);
		expect(lines(journey)).toEqual(expect.arrayContaining(['Ask Decided: Hot', 'Ring']));
		const marks = journeyMarks(journey);
		expect(marks.edges.get('ask/case/hot')).toBe('passed');
		expect(marks.nodes.get('ask')?.label).toBe('Decided');
		expect(marks.nodes.get('won')).toBeUndefined();
	});

	test('VER-7: the end is marked where it happened', () => {
		const sent = happenNext(begun(), {});
		const { simulation, steps } = answer(sent.simulation, { response: 'replied', actionId: 'hello' });
		const replied = { simulation, steps: [...sent.steps, ...steps.map((step) => ({ ...step, people: {} }))] };
		const won = happenNext(replied, {});
		expect(isOver(won)).toBe(true);
		expect(journeyMarks(won).nodes.get('won')).toEqual({ tone: 'current', label: 'Ended here' });
		expect(journeyMarks(won).nodes.get('hello')).toEqual({ tone: 'passed', label: 'Done' });
		expect(lines(won).at(-1)).toBe('Completed Reached the goal');
	});
});

describe('answers', () => {
	const offered = (journey: Journey, actionId: string) =>
		answersTo(journey.simulation, draft, actionId, context).map(({ ref: { response, parameter } }) =>
			parameter === undefined ? response : `${response}/${parameter}`
		);
	test('VER-7, GRA-6: what a sent e-mail can give; nothing that the clock brings, no negatives', () => {
		expect(offered(happenNext(begun(), {}), 'hello')).toEqual([
			'opened',
			'clicked/0',
			'replied',
			'bounced/hard',
			'bounced/soft',
			'unsubscribed'
		]);
	});
	test('VER-7: a message that waits can only be refused; an action without answers offers none', () => {
		const journey = begun();
		const waiting = {
			...journey,
			simulation: { ...journey.simulation, outbox: { actionId: 'hello', notBefore: monday } }
		};
		expect(offered(waiting, 'hello')).toEqual(['bounced/hard']);
		expect(offered(journey, 'tag')).toEqual([]);
		expect(offered(journey, 'ring')).toEqual(['result/Interested', 'result/Busy', 'overdue', 'cancelled']);
	});
	test('VER-7: each answer says which branch it takes', () => {
		const journey = happenNext(begun(), {});
		const branches = answersTo(journey.simulation, draft, 'hello', context).map(({ branch }) => branch);
		expect(branches).toEqual([null, null, 'hello/replied', null, null, null]);
	});
});

describe('the simulator', () => {
	const asked: { at?: string; executed?: string[] }[] = [];
	const simulator = (answers: Partial<SimulatedWorld>[] = []) =>
		new Simulator(ids.cadence, (_, question) => {
			asked.push(question);
			return Promise.resolve({ data: world(answers.shift() ?? {}) });
		});

	test('VER-7: facts are read again at the simulated instant, with what was executed; back undoes a step', async () => {
		const one = simulator([{}, {}, {}, { facts: facts('else') }]);
		await one.begin();
		await one.next();
		await one.turnTo(monday + 72 * 3_600_000);
		expect(asked.at(-1)).toMatchObject({ at: '2026-03-05T09:00:00.000Z', executed: ['tag'] });
		expect(one.journey?.simulation.run).toMatchObject({ status: 'completed' });
		one.back();
		expect(one.journey?.simulation.run).toMatchObject({ status: 'active', race: { actionId: 'hello' } });
		one.back();
		expect(one.canGoBack).toBe(false);
	});

	test('VER-7: a draft that changed meanwhile stops the journey and says so', async () => {
		const one = simulator([{}, { sha256: 'b' }]);
		await one.begin();
		await one.next();
		expect(one.stale).toBe(true);
		expect(one.journey?.steps).toHaveLength(1);
	});

	test('VER-7, ENR-3: a record that would be turned away is played only when that is wanted', async () => {
		const leaves = { facts: { ...facts('hot'), leave: 'criteria' as const } };
		const turned = simulator([leaves, leaves]);
		await turned.begin();
		await turned.next();
		expect(turned.journey?.simulation.run.endReason).toBe('criteria');
		const anyway = simulator([leaves, leaves]);
		await anyway.begin({ anyway: true });
		await anyway.next();
		expect(anyway.journey?.simulation.run).toMatchObject({ status: 'active' });
	});

	test('VER-7: keys of the simulator; those with Ctrl stay the canvas’ own', () => {
		const key = (key: string, more = {}) =>
			simulatorKey({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
		expect(key(' ')).toEqual({ do: 'next' });
		expect(key('3')).toEqual({ do: 'answer', index: 2 });
		expect(key('Escape')).toEqual({ do: 'close' });
		expect(key('z', { ctrlKey: true })).toBeNull();
		expect(key('f')).toBeNull();
	});
});
