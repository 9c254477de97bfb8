import { expect, test } from 'vitest';
import { actionName, standstill } from './standstill.ts';

const run = { status: 'active', pauseCauses: [], waitReason: null, dueAt: null, current: null } as const;

test('ENR-8: one sentence says why a run is not moving', () => {
	const current = { kind: 'email', followUp: 1, title: '' };
	expect(standstill({ ...run, current })).toBe('Waits for a response');
	expect(standstill({ ...run, current, waitReason: 'review' })).toBe(
		'Message waits: its review is not completed yet'
	);
	expect(standstill({ ...run, status: 'paused', pauseCauses: ['person', 'out_of_office'] })).toBe(
		'Paused by a person, Out of office'
	);
	expect(standstill({ ...run, status: 'completed' })).toBe('');
});

test('an action is named by its follow-up and its title or channel', () => {
	expect(actionName({ kind: 'call', followUp: 3, title: '' })).toBe('Follow-up 3 · Call');
	expect(actionName({ kind: 'email', followUp: 1, title: 'Welcome' })).toBe('Follow-up 1 · Welcome');
	expect(actionName({ kind: 'exit', followUp: 4, title: 'Won' })).toBe('Exit · Won');
	expect(actionName({ kind: 'condition', followUp: 0, title: '' })).toBe('Condition');
	expect(actionName(null)).toBe('');
});
