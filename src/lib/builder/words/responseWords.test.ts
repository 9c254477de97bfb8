import { expect, test } from 'vitest';
import { immediately } from '#lib/domain/time/delay.ts';
import { delayWords, weekdayWords } from './delayWords.ts';
import { edgeResponseWords, isNegative, responseWords } from './responseWords.ts';

test('GRA-6: responses read as people say them', () => {
	expect(responseWords('call', { response: 'result', parameter: 'Busy' })).toBe('Busy');
	expect(responseWords('email', { response: 'clicked', parameter: '2' })).toBe('Clicked: link 2');
	expect(responseWords('email', { response: 'bounced', parameter: 'hard' })).toBe('Bounced: hard');
	expect(responseWords('whatsapp', { response: 'notRead' })).toBe('Not read');
	expect(responseWords('start', { response: 'entry' })).toBe('Enrolled');
});

test('GRA-2: a branch with several responses names them all', () => {
	const edge = {
		source: 'a',
		target: 'b',
		response: 'opened',
		also: [{ response: 'clicked' }],
		delay: immediately
	};
	expect(edgeResponseWords('email', edge)).toBe('Opened or Clicked');
});

test('GRA-5: delays in words', () => {
	expect(delayWords(immediately)).toBe('immediately');
	expect(delayWords({ amount: 1, unit: 'businessDays' })).toBe('after 1 business day');
	expect(delayWords({ amount: 2, unit: 'days', at: '09:30', weekdays: [1, 2, 3, 4, 5] })).toBe(
		'after 2 days at 09:30, Mon–Fri'
	);
	expect(delayWords({ amount: 3, unit: 'hours', at: '09:30', window: { from: '08:00', to: '18:00' } })).toBe(
		'after 3 hours, 08:00–18:00'
	);
	expect(weekdayWords([7, 1, 3])).toBe('Mon, Wed, Sun');
});

test('GRA-11: the delay of a negative branch is the time the response has', () => {
	expect(isNegative('email', 'notOpened')).toBe(true);
	expect(isNegative('email', 'opened')).toBe(false);
	expect(delayWords({ amount: 3, unit: 'days' }, true)).toBe('within 3 days');
});
