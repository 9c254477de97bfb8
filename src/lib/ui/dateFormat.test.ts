import { expect, test } from 'vitest';
import { calendarDate, relativeTime } from './dateFormat.ts';
import { matchesQuery } from './option.ts';
import { plural } from './plural.ts';

const now = new Date('2026-11-23T12:00:00Z');

test('relative time picks the unit people use', () => {
	expect(relativeTime(new Date('2026-11-23T11:59:40Z'), now)).toBe('just now');
	expect(relativeTime(new Date('2026-11-23T12:30:00Z'), now)).toBe('in 30 minutes');
	expect(relativeTime(new Date('2026-11-22T12:00:00Z'), now)).toBe('yesterday');
	expect(relativeTime(new Date('2026-09-01T12:00:00Z'), now)).toBe('2 months ago');
});

test('a calendar date stays on its day', () => {
	expect(calendarDate('2026-03-01')).toBe('Mar 1, 2026');
});

test('words match in any order, without accents', () => {
	expect(matchesQuery({ value: '1', label: 'José Álvarez' }, 'alv jose')).toBe(true);
	expect(matchesQuery({ value: '1', label: 'José Álvarez' }, 'maria')).toBe(false);
});

test('numbers and plurals agree', () => {
	expect([plural(1, 'record'), plural(7392, 'record'), plural(0, 'reply', 'replies')]).toEqual([
		'1 record',
		'7,392 records',
		'0 replies'
	]);
});
