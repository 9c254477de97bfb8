import { expect, test } from 'vitest';
import { endDetailText } from '../enrollment/endReasonText.ts';
import { responseText } from './responseText.ts';

test('CRM-8: a response is told in words, links counted from 1', () => {
	expect(
		[
			'delivered',
			'clicked',
			'clicked/0',
			'bounced/hard',
			'result/Busy',
			'status/In progress',
			'replied/Yes'
		].map(responseText)
	).toEqual(['Delivered', 'Clicked', 'Clicked link 1', 'Hard bounce', 'Busy', 'In progress', 'Replied: Yes']);
});

test('GRA-6: responses of extra actions are told in words too; a case is not called by its id', () => {
	expect(['done', 'failed', 'else', 'case/x7', 'odd'].map(responseText)).toEqual([
		'Done',
		'Failed',
		'Else',
		'Case',
		'odd'
	]);
});

test('UNE-8: the response that a rule names stands in words, whatever a person wrote as it is', () => {
	expect(endDetailText('response_rule', 'result/Invalid number')).toBe('Invalid number');
	expect(endDetailText('response_rule', 'replied')).toBe('Replied');
	expect(endDetailText('manual', 'result/Busy, she said')).toBe('result/Busy, she said');
	expect(endDetailText('completed', null)).toBe('');
});
