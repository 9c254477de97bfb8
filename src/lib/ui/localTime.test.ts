import { expect, test } from 'vitest';
import { fromLocalInput, toLocalInput } from './localTime.ts';

test('a wall-clock time goes to an instant and back, on both sides of a change of summer time', () => {
	for (const local of ['2026-03-07T09:30', '2026-03-08T09:30', '2026-11-01T12:00']) {
		const iso = fromLocalInput(local, 'America/New_York');
		expect(iso && toLocalInput(iso, 'America/New_York')).toBe(local);
	}
	expect(fromLocalInput('2026-07-01T10:00', 'Asia/Kolkata')).toBe('2026-07-01T04:30:00.000Z');
});

test('an unreadable time is null', () => {
	expect(fromLocalInput('', 'UTC')).toBeNull();
	expect(toLocalInput('nonsense', 'UTC')).toBe('');
});
