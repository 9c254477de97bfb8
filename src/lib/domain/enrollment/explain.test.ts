import { expect, test } from 'vitest';
import { action, branch, hours, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { emptyDraft } from '../cadence/draft.ts';
import type { Plan } from '../plan/plan.ts';
import { explainRun, type ExplainFacts } from './explain.ts';

const nodes = [
	mail(
		branch('mail', { response: 'sent' }, 'next', hours(2)),
		branch('mail', { response: 'replied' }, 'next')
	),
	next
];
const plan: Plan = {
	format: 1,
	module: 'leads',
	entry: { id: 'start/entry', target: 'mail', delay: { amount: 1, unit: 'immediately' } },
	nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
	settings: emptyDraft().settings
};
const hour = 3_600_000;
const start = Date.UTC(2026, 2, 2, 9);

const factsOf = (run: ExplainFacts['run'], more: Partial<ExplainFacts> = {}): ExplainFacts => ({
	run,
	plan,
	cadence: 'active',
	quarantineReason: null,
	pausedUntil: null,
	message: null,
	waitingResponses: 0,
	now: start,
	formatTime: (at) => `hour ${(at - start) / hour}`,
	reasonText: (reason) => reason.replaceAll('_', ' '),
	...more
});
const waiting = (waitReason: string | null, notBefore = start) => ({
	message: { status: 'queued', waitReason, notBefore, errorText: null }
});

test('ENR-8: every state of a run has its sentence', () => {
	const enrolled = world(nodes).enroll().run;
	const queued = world(nodes).enroll().due(0).run;
	const sent = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
	const paused = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' }).pause(1).run;
	const says = (run: ExplainFacts['run'], more: Partial<ExplainFacts> = {}) => explainRun(factsOf(run, more));
	const name = 'Follow-up 1 · mail';

	expect(says(enrolled)).toBe(`${name} is due and will be executed within seconds.`);
	expect(says(queued, waiting(null))).toBe(`${name} waits in the outbox: it is next in line.`);
	expect(says(queued, waiting('window', start + hour))).toBe(
		`${name} waits in the outbox until hour 1: it is outside the sending window.`
	);
	expect(says(queued, waiting('limit', start + hour))).toContain("the day's e-mail limit is reached");
	expect(says(queued, waiting('sender', start + hour))).toContain(
		'its sender is paused after errors of the relay'
	);
	expect(says(queued, waiting('account', start + hour))).toContain('the WhatsApp account is paused');
	expect(says(queued, waiting('deferred', start + hour))).toContain('the relay did not take it');
	expect(says(queued, { message: { ...waiting(null).message, status: 'sending' } })).toBe(
		`${name} is being handed over at this moment.`
	);
	expect(says(queued, { message: { ...waiting(null).message, status: 'sent' } })).toContain(
		'was handed over'
	);
	expect(says(sent.run)).toBe('It waits until hour 2, then comes Follow-up 1 · next.');
	const asking = { ...plan, nodes: { ...plan.nodes, next: { ...next, title: 'Still there?' } } };
	expect(says(sent.run, { plan: asking })).toMatch(/then comes Follow-up 1 · Still there\?$/);
	expect(says(sent.run, { now: start + 3 * hour })).toBe(
		'Follow-up 1 · next is due and will be executed within seconds.'
	);
	expect(says(sent.run, { waitingResponses: 1 })).toContain('A response has just come in');
	expect(says(paused)).toBe(
		'It is paused because a person paused it; its timers keep their remaining delay.'
	);
	expect(says(paused, { pausedUntil: start + 5 * hour })).toContain('It is paused until hour 5 because');
	expect(says({ ...paused, pauseCauses: ['person', 'cadence_inactive'] })).toContain(
		'a person paused it and the cadence is inactive'
	);
	expect(says(sent.run, { cadence: 'inactive' })).toContain('The cadence is inactive');
	expect(says(sent.run, { quarantineReason: 'The plan is gone.' })).toContain('set aside because the engine');
	expect(says(sent.unenroll(1, 'manual').run)).toBe('It is over: it ended on hour 1 (manual).');
});

test('ENR-8, EXE-3: who waits for an answer hears which ones can still come', () => {
	const plain = world([
		action('call', 'mail', [
			branch('mail', { response: 'result', parameter: 'Busy' }, 'next', hours(1)),
			branch('mail', { response: 'overdue' }, 'next')
		]),
		next
	])
		.enroll()
		.due(0);
	const call = action('call', 'mail', [
		branch('mail', { response: 'result', parameter: 'Busy' }, 'next', hours(1)),
		branch('mail', { response: 'overdue' }, 'next')
	]);
	const own = { ...plan, nodes: { mail: call, next } };
	expect(explainRun({ ...factsOf(plain.run), plan: own })).toBe(
		'It waits for a response to Follow-up 1 · mail (Result "Busy", Missed); nothing is scheduled before.'
	);
	// Logged: it cannot be missed any more, but the result can be corrected.
	plain.gets(1, 'mail', { response: 'result', parameter: 'Interested' });
	expect(explainRun({ ...factsOf(plain.run), plan: own })).toContain('(Result "Busy");');
});

test('ENR-8, EXE-10: who waits for an answer to what is sent again hears that it waits in the outbox', () => {
	const asking = [mail(branch('mail', { response: 'replied' }, 'next')), next];
	const sent = world(asking).enroll().due(0).gets(0, 'mail', { response: 'sent' }).run;
	const own = { ...plan, nodes: Object.fromEntries(asking.map((node) => [node.id, node])) };
	const says = (status: string) =>
		explainRun(factsOf(sent, { plan: own, message: { ...waiting('relay').message, status } }));
	expect(says('queued')).toBe(
		'Follow-up 1 · mail waits in the outbox: the relay did not take it and it will be tried again.'
	);
	expect(says('unknown')).toContain('It waits for a response to Follow-up 1 · mail (Replied)');
	expect(says('sent')).toContain('It waits for a response');
});
