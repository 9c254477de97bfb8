import { expect, test } from 'vitest';
import { liveNodes } from './live.ts';

const row = (actionId: string, kind: string, count: number, more = {}) => ({
	actionId,
	kind,
	detail: '',
	first: true,
	machine: false,
	count,
	...more
});

test('COL-5: figures per node: waiting, executed, each response, conversion; runs, no machines, no repeats', () => {
	const nodes = liveNodes(
		['mail', 'ring', 'won', 'quiet'],
		[
			row('mail', 'executed', 10),
			row('mail', 'skipped', 2),
			row('mail', 'opened', 6),
			row('mail', 'opened', 4, { first: false }),
			row('mail', 'opened', 9, { machine: true }),
			row('mail', 'clicked', 1, { detail: '0' }),
			row('mail', 'clicked', 2, { detail: '1' }),
			row('mail', 'failed', 1, { detail: 'missing_address' }),
			row('ring', 'result', 3, { detail: 'Busy' }),
			row('won', 'completed', 5, { detail: 'exit_goal' }),
			row('', 'enrolled', 12),
			row('gone', 'executed', 2)
		],
		new Map([
			['mail', 4],
			['ring', 1]
		]),
		new Map([['mail', 5]])
	);
	expect(nodes['mail']).toEqual({
		waiting: 4,
		executed: 10,
		skipped: 2,
		failed: 1,
		ended: 0,
		converted: 5,
		responses: [
			{ kind: 'opened', value: null, runs: 6 },
			{ kind: 'clicked', value: null, runs: 3 }
		]
	});
	expect(nodes['ring']).toMatchObject({
		waiting: 1,
		responses: [{ kind: 'result', value: 'Busy', runs: 3 }]
	});
	expect(nodes['won']).toMatchObject({ ended: 5, converted: 0 });
	expect(Object.keys(nodes)).toEqual(['mail', 'ring', 'won', 'quiet']);
	expect(liveNodes(['mail'], [], new Map([['mail', 1]]), null)['mail']?.converted).toBeNull();
});
