import { expect, test } from 'vitest';
import { bounded, headline, lateness, queuesOf, rate } from './operationsText.ts';

const at = new Date('2026-11-23T12:00:00Z');
const before = (seconds: number) => new Date(+at - seconds * 1000);
type State = Parameters<typeof headline>[0];
const worker = { state: 'alive' } as State['workers'][number];
const calm: State = {
	at,
	cadences: [],
	queues: [],
	quarantinedResponses: 0,
	pausedSenders: 0,
	pausedAccounts: 0,
	workers: [worker],
	setAside: [],
	failedWebhooks: { calls: [], total: 0 },
	paused: [],
	background: []
};

test('OPS-3: the state of the engine in one sentence, the worst first', () => {
	expect(headline(calm)).toEqual({ tone: 'success', text: 'Everything is moving, with 1 worker.' });
	const late = { cadenceId: 'c', name: 'C', oldestDueAt: before(600) } as State['cadences'][number];
	expect(headline({ ...calm, cadences: [late] }).text).toBe(
		'Work is late: the oldest has been due for 10 min.'
	);
	const aside = [{ id: '1' }] as State['setAside'];
	expect(headline({ ...calm, setAside: aside }).text).toMatch(/^1 thing is set aside/);
	expect(headline({ ...calm, workers: [{ ...worker, state: 'dead' }], setAside: aside })).toMatchObject({
		tone: 'danger',
		text: expect.stringContaining('No worker is running')
	});
});

test('OPS-3: figures as people read them', () => {
	expect(bounded({ n: 10_000, cut: true })).toBe('10,000+');
	expect(bounded({ n: 12, cut: false })).toBe('12');
	expect([rate(0), rate(0.4), rate(1234.4)]).toEqual(['0', '0.4', '1,234']);
	expect([lateness(null, at), lateness(before(4), at), lateness(before(10_800), at)]).toEqual([
		'–',
		'4 s',
		'3 h'
	]);
	expect(queuesOf(calm).every((queue) => queue.waiting.n === 0)).toBe(true);
});
