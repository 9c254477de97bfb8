import { expect, test } from 'vitest';
import { draftNodeSchema } from '#lib/domain/cadence/draft.ts';
import { immediately } from '#lib/domain/time/delay.ts';
import { delayWords, weekdayWords } from './delayWords.ts';
import { responseSource } from './responseSource.ts';
import { edgeResponseWords, isNegative, responseWords } from './responseWords.ts';

const [one, two] = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];

test('GRA-6: responses read as people say them', () => {
	expect(responseWords('call', { response: 'result', parameter: 'Busy' })).toBe('Busy');
	expect(responseWords('email', { response: 'clicked', parameter: '2' })).toBe('Clicked: link 3');
	expect(responseWords('email', { response: 'bounced', parameter: 'hard' })).toBe('Bounced: hard');
	expect(responseWords('whatsapp', { response: 'notRead' })).toBe('Not read');
	expect(responseWords('start', { response: 'entry' })).toBe('Enrolled');
	expect(responseWords('webhook', { response: 'failed' })).toBe('Failed');
	expect(responseWords(undefined, { response: 'sent' })).toBe('sent');
});

test('GRA-10: a branch of a condition is called by its case', () => {
	const source = {
		kind: 'condition' as const,
		cases: [
			{ id: 'a', label: ' Hot ' },
			{ id: 'b', label: '' }
		]
	};
	const words = (parameter: string) => responseWords(source, { response: 'case', parameter });
	expect(['a', 'b', 'gone'].map(words)).toEqual(['Hot', 'Case 2', 'A case that is gone']);
	expect(responseWords(source, { response: 'else' })).toBe('Else');
});

test('GRA-6: a link is called by what is read on it, else by where it leads', () => {
	const template = { moduleId: null, hasUnsubscribeLink: true, problems: [] };
	const templates = [
		{
			...template,
			id: one,
			name: 'A',
			links: ['https://www.a.example/', 'https://b.example/x'],
			linkTexts: ['', 'Prices']
		},
		{ ...template, id: two, name: 'B', links: ['https://c.example', 'x', 'https://d.example/y/'] }
	];
	const mail = draftNodeSchema.parse({
		id: 'm',
		kind: 'email',
		position: [0, 0],
		templateId: one,
		variants: [{ id: 'v', templateId: two, weight: 50 }]
	});
	const source = responseSource(mail, { templates });
	const words = (parameter: string) => responseWords(source, { response: 'clicked', parameter });
	expect(['0', '1', '2', '3'].map(words)).toEqual([
		'Clicked: a.example',
		'Clicked: Prices',
		'Clicked: d.example/y',
		'Clicked: link 4'
	]);
	expect(responseSource(undefined, { templates })).toBeUndefined();
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
