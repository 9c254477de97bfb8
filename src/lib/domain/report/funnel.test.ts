import { describe, expect, test } from 'vitest';
import { funnelOf, type CountRow, type ReportAction } from './funnel.ts';
import { formatShare, funnelSentence } from './funnelSentence.ts';

const row = (kind: string, count: number, over: Partial<CountRow> = {}): CountRow => ({
	actionId: '',
	kind,
	detail: '',
	first: true,
	machine: false,
	count,
	...over
});
const mail: ReportAction = { id: 'mail', kind: 'email', title: 'Welcome', followUp: 1, current: true };
const ring: ReportAction = { id: 'ring', kind: 'call', title: '', followUp: 2, current: true };
const name = (action: ReportAction) => action.title || 'Call';

describe('the funnel', () => {
	test('REP-3: unique counts firsts, total counts all, machines in neither', () => {
		const { actions } = funnelOf(
			[
				row('executed', 10, { actionId: 'mail' }),
				row('opened', 4, { actionId: 'mail' }),
				row('opened', 3, { actionId: 'mail', first: false }),
				row('opened', 6, { actionId: 'mail', machine: true }),
				row('failed', 2, { actionId: 'mail', detail: 'missing_address' })
			],
			[mail]
		);
		expect(actions[0]?.figures).toEqual({
			executed: { runs: 10, events: 10 },
			opened: { runs: 4, events: 7 }
		});
		expect(actions[0]?.machine).toEqual({ opened: 6, clicked: 0 });
	});

	test('REP-1: reasons are summed over the actions at which runs ended, the largest first', () => {
		const funnel = funnelOf(
			[
				row('unenrolled', 2, { detail: 'criteria', actionId: 'mail' }),
				row('unenrolled', 1, { detail: 'criteria', actionId: 'ring' }),
				row('unenrolled', 5, { detail: 'manual' })
			],
			[mail, ring]
		);
		expect(funnel.unenrolledBy).toEqual([
			{ value: 'manual', runs: 5 },
			{ value: 'criteria', runs: 3 }
		]);
		expect(funnel.unenrolled).toBe(8);
	});

	test('REP-1: the sentence names what became of everybody and the best action', () => {
		const funnel = funnelOf(
			[
				row('enrolled', 1204, { detail: 'view' }),
				row('completed', 300, { detail: 'completed' }),
				row('unenrolled', 4, { detail: 'manual' }),
				row('executed', 1000, { actionId: 'mail' }),
				row('replied', 120, { actionId: 'mail' }),
				row('executed', 80, { actionId: 'ring' }),
				row('result', 40, { actionId: 'ring', detail: 'Busy' })
			],
			[mail, ring]
		);
		expect(funnelSentence(funnel, 'enrolled', name)).toBe(
			'300 of 1,204 enrolled completed (25%), 900 are under way, 4 left before the end, 0 failed. Best: Call got a result from 40 of 80 (50%).'
		);
		expect(funnelSentence(funnel, 'happened', name)).not.toContain('under way');
		expect(funnelSentence(funnelOf([], []), 'enrolled', name)).toBe('Nobody was enrolled yet.');
	});

	test.each([
		[0, 0, '0%'],
		[1, 3000, '0.1%'],
		[5, 100, '5%'],
		[1, 30, '3.3%'],
		[2, 3, '67%'],
		[3, 3, '100%']
	])('%i of %i is %s', (part, whole, text) => expect(formatShare(part, whole)).toBe(text));
});
