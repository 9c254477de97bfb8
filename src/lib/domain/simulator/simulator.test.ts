import { describe, expect, test } from 'vitest';
import { branch, call, days, email, exit, planOf, task } from '../../../../tests/support/engineWorld.ts';
import { defaultBusinessHours } from '../time/calendar.ts';
import type { Plan } from '../plan/plan.ts';
import { answer } from './answer.ts';
import type { SimulatedFacts } from './facts.ts';
import { happen, start, type Simulation } from './simulation.ts';
import { nextInstant, turnTo, turnToNext } from './turnClock.ts';

const calendar = { orgTimeZone: 'UTC', businessHours: defaultBusinessHours, holidays: new Set<string>() };
const hour = 3_600_000;
const monday = Date.UTC(2026, 2, 2, 9);

const facts = (more: Partial<SimulatedFacts> = {}): SimulatedFacts => ({
	timeZone: 'UTC',
	optOut: { email: false, call: false, whatsapp: false },
	addresses: { email: 'bea@example.org', phone: '+4915112345678' },
	suppressed: {},
	choices: {},
	leave: null,
	faults: {},
	mergeValues: null,
	...more
});
const begin = (plan: Plan, more: Partial<SimulatedFacts> = {}): Simulation =>
	start({ plan, calendar, facts: facts(more), now: monday }).simulation;
const kinds = ({ steps }: { steps: { effects: { kind: string }[] }[] }) =>
	steps.flatMap((step) => step.effects.map((effect) => effect.kind));

const plan = planOf([
	email('mail', [
		branch('mail', { response: 'replied' }, 'won'),
		branch('mail', { response: 'sent' }, 'ring', days(3), { rank: 1 })
	]),
	call('ring'),
	exit('won', true)
]);

describe('a run on a clock that somebody turns', () => {
	test('VER-7: turning the clock lets everything on the way happen at its own time', () => {
		const turned = turnTo(begin(plan), monday + 100 * hour);
		expect(turned.steps.map(({ at, branchId }) => [(at - monday) / hour, branchId])).toEqual([
			[0, 'start/entry'],
			[0, null],
			[72, 'mail/sent']
		]);
		expect(kinds(turned)).toEqual(['execute', 'responded', 'handedOver', 'execute', 'ended']);
		expect(turned.simulation.run).toMatchObject({ status: 'completed', done: ['mail', 'ring'] });
		expect(turned.simulation.now).toBe(monday + 100 * hour);
		expect(nextInstant(turned.simulation)).toBeNull();
	});

	test('VER-7: a response given by hand wins or loses the race as in the engine', () => {
		const { simulation } = turnTo(begin(plan), monday + 48 * hour);
		const replied = turnToNext(answer(simulation, { response: 'replied', actionId: 'mail' }).simulation);
		expect(kinds(replied)).toEqual(['exit', 'ended']);
		expect(replied.simulation.run).toMatchObject({ status: 'completed', endReason: 'exit_goal' });
	});

	test('VER-7, EXE-2: a message waits for the window of the cadence', () => {
		const windowed = { ...plan, settings: { ...plan.settings, window: { from: '14:00', to: '18:00' } } };
		const executed = turnToNext(begin(windowed));
		expect(executed.simulation.outbox).toEqual({ actionId: 'mail', notBefore: monday + 5 * hour });
		const sent = turnToNext(executed.simulation);
		expect(sent.simulation.now).toBe(monday + 5 * hour);
		expect(sent.simulation.run.next).toEqual({ branchId: 'mail/sent', dueAt: monday + 77 * hour });
	});

	test('VER-7, EXE-4, EXE-5: facts decide whether an action runs, is skipped or fails', () => {
		const optedOut = turnToNext(begin(plan, { optOut: { email: true, call: false, whatsapp: false } }));
		expect(kinds(optedOut)).toEqual(['skip']);
		const blank = turnToNext(begin(plan, { addresses: {} }));
		expect(blank.simulation.run).toMatchObject({ status: 'failed', endReason: 'missing_address' });
		const gone = turnToNext(begin(plan, { faults: { mail: { reason: 'template_gone', detail: null } } }));
		expect(gone.simulation.run.endReason).toBe('template_gone');
	});

	test('VER-7, CHA-2, EXE-11: an address that unsubscribed or bounced on the way gets nothing more', () => {
		const twice = planOf([
			email('mail', [branch('mail', { response: 'sent' }, 'again', days(3))]),
			email('again')
		]);
		const after = (parameter: { response: 'unsubscribed' } | { response: 'bounced'; parameter: 'hard' }) =>
			turnTo(
				answer(turnTo(begin(twice), monday + hour).simulation, { ...parameter, actionId: 'mail' }).simulation,
				monday + 100 * hour
			);
		expect(kinds(after({ response: 'unsubscribed' }))).toEqual(['skip', 'ended']);
		// EXE-11: no branch takes the hard bounce, so the run ends before anything else is sent.
		expect(after({ response: 'bounced', parameter: 'hard' }).simulation.run.endReason).toBe(
			'address_bounced'
		);
	});

	test('VER-7: what the engine itself said of an action counts', () => {
		const skipped = turnToNext(begin(plan, { verdicts: { mail: { do: 'skip', reason: 'opt_out' } } }));
		expect(kinds(skipped)).toEqual(['skip']);
	});

	test('VER-7, UNE-5: a record that has to leave does so before the action that is due', () => {
		const left = turnToNext(begin(plan, { leave: 'criteria' }));
		expect(left.simulation.run).toMatchObject({ status: 'stopped', endReason: 'criteria', done: [] });
	});

	test('VER-7: nothing happens while it is paused, and the rest of the delay afterwards', () => {
		const { simulation } = turnTo(begin(plan), monday + 24 * hour);
		const paused = happen(simulation, { kind: 'pause', cause: 'person' }).simulation;
		const later = turnTo(paused, monday + 500 * hour);
		expect(later.steps).toEqual([]);
		const resumed = happen(later.simulation, { kind: 'resume', cause: 'person' }).simulation;
		expect(nextInstant(resumed)).toBe(monday + 548 * hour);
	});
});

test('VER-7, GRA-8: the step shows the words with merge fields filled in', () => {
	const look = planOf([task('look', [], { subject: 'Look at {{lead.lastName}}', description: 'Soon.' })]);
	const mergeValues = {
		roots: ['lead'],
		record: { lastName: 'Byron' },
		related: {},
		owner: {},
		sender: {},
		organization: {}
	};
	const shown = turnToNext(begin(look, { mergeValues }));
	expect(shown.steps[0]?.text).toEqual({ subject: 'Look at Byron', body: 'Soon.' });
	const written = start({
		plan,
		calendar,
		facts: facts({ mergeValues }),
		templates: { mail: { subject: 'Dear {{lead.lastName}}', body: '<p>{{lead.lastName}}</p>' } },
		now: monday
	});
	expect(turnToNext(written.simulation).steps[0]?.text).toEqual({
		subject: 'Dear Byron',
		body: '<p>Byron</p>'
	});
});
