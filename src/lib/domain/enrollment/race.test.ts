import { describe, expect, test } from 'vitest';
import { action, branch, exit, hours, mail, next, world } from '../../../../tests/support/transitionWorld.ts';
import { branchKey } from '../cadence/responses.ts';
import { immediately } from '../time/delay.ts';

describe('the race', () => {
	test('GRA-7: sent is timed at the hand-over, others when their response arrives; the earliest due wins', () => {
		const w = world([
			mail(
				branch('mail', { response: 'sent' }, 'next', hours(72)),
				branch('mail', { response: 'replied' }, 'out')
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0);
		expect([w.effects, w.next]).toEqual([['execute'], null]);
		expect(w.gets(1, 'mail', { response: 'sent' }).next).toEqual(['mail/sent', 73]);
		expect(w.gets(25, 'mail', { response: 'replied' }).next).toEqual(['mail/replied', 25]);
		expect(w.due(25).end).toEqual(['stopped', 'exit']);
	});

	test('GRA-7: after an outage the earliest due still wins, and what came after it is late', () => {
		const nodes = [
			mail(
				branch('mail', { response: 'sent' }, 'next', hours(1)),
				branch('mail', { response: 'opened' }, 'out')
			),
			next,
			exit('out')
		];
		const w = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		w.gets(2, 'mail', { response: 'opened' }, { applied: 10 });
		expect(w.next).toEqual(['mail/sent', 1]);
		expect(w.due(10).run.race?.actionId).toBe('next');
	});

	test('GRA-7: equal due: the lower rank, then the branch id', () => {
		const w = world([
			mail(
				branch('mail', { response: 'opened' }, 'next', immediately, 6),
				branch('mail', { response: 'clicked' }, 'out', immediately, 4)
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.gets(1, 'mail', { response: 'opened' })
			.gets(1, 'mail', { response: 'clicked', parameter: '0' });
		expect(w.next).toEqual(['mail/clicked', 1]);
	});

	test('GRA-2: a parameterised response precedes the general one', () => {
		const w = world([
			mail(
				branch('mail', { response: 'clicked', parameter: '1' }, 'next', hours(5)),
				branch('mail', { response: 'clicked' }, 'out', hours(1))
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' });
		expect(w.gets(1, 'mail', { response: 'clicked', parameter: '1' }).next).toEqual(['mail/clicked/1', 6]);
		expect(w.gets(2, 'mail', { response: 'clicked', parameter: '0' }).next).toEqual(['mail/clicked', 3]);
	});

	test('GRA-6: only the current value is timed; a correction before it is due replaces it', () => {
		const call = action('call', 'call', [
			branch('call', { response: 'result', parameter: 'Busy' }, 'next', hours(4)),
			branch('call', { response: 'result', parameter: 'Interested' }, 'out', hours(2))
		]);
		const w = world([call, next, exit('out')])
			.enroll()
			.due(0);
		expect(w.next).toBeNull();
		expect(w.gets(1, 'call', { response: 'result', parameter: 'Busy' }).next).toEqual([
			branchKey('call', { response: 'result', parameter: 'Busy' }),
			5
		]);
		expect(w.gets(3, 'call', { response: 'result', parameter: 'Interested' }).next?.[1]).toBe(5);
		expect(Object.keys(w.run.race!.timed)).toEqual(['call/result/Interested']);
		// No response: nothing is timed any more, yet a correction can still come.
		expect(w.gets(4, 'call', { response: 'result', parameter: 'No response' }).next).toBeNull();
		expect(w.run.status).toBe('active');
	});

	test('GRA-11: a positive response before it is due loses the negative branch for good', () => {
		const nodes = [
			mail(
				branch('mail', { response: 'notReplied' }, 'next', hours(48)),
				branch('mail', { response: 'replied' }, 'out', hours(100))
			),
			next,
			exit('out')
		];
		const w = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		expect(w.next).toEqual(['mail/notReplied', 48]);
		expect(w.gets(10, 'mail', { response: 'replied' }).next).toEqual(['mail/replied', 110]);
		const late = world(nodes).enroll().due(0).gets(0, 'mail', { response: 'sent' });
		late.gets(50, 'mail', { response: 'replied' }, { applied: 60 });
		// EXE-9: the negative was due before: the reply is late and un-enrolls by the cadence's default.
		expect(late.end).toEqual(['stopped', 'late_reply']);
	});

	test('GRA-11: "not completed" is lost by completion alone', () => {
		const todo = action('task', 'todo', [branch('todo', { response: 'notCompleted' }, 'next', hours(24))]);
		const w = world([todo, next]).enroll().due(0);
		expect(w.gets(1, 'todo', { response: 'status', parameter: 'In progress' }).next).toEqual([
			'todo/notCompleted',
			24
		]);
		expect(w.gets(2, 'todo', { response: 'status', parameter: 'Completed' }).end).toEqual([
			'completed',
			'no_branch_left'
		]);
	});

	test('EXE-7: a machine open is recorded, fires nothing and cancels nothing; a human click implies an open', () => {
		const w = world([
			mail(
				branch('mail', { response: 'opened' }, 'out'),
				branch('mail', { response: 'notOpened' }, 'next', hours(24))
			),
			next,
			exit('out')
		])
			.enroll()
			.due(0)
			.gets(0, 'mail', { response: 'sent' })
			.gets(1, 'mail', { response: 'opened', machine: true });
		expect([w.effects, w.next]).toEqual([['responded'], ['mail/notOpened', 24]]);
		w.gets(2, 'mail', { response: 'clicked', parameter: '0' });
		expect([w.effects, w.next]).toEqual([
			['responded', 'responded'],
			['mail/opened', 2]
		]);
	});
});
