import { expect, test } from 'vitest';
import { possibleActs } from './possibleActs.ts';
import { type endReasons } from './state.ts';

const all = { enroll: true, unenroll: true };
const live = { status: 'active', pauseCauses: [], endReason: null } as const;

test('ENR-8: a running one can be paused, sent on and un-enrolled; a paused one goes on', () => {
	expect(possibleActs(live, all)).toEqual(['pause', 'skip', 'unenroll']);
	const paused = { ...live, status: 'paused', pauseCauses: ['person'] } as const;
	expect(possibleActs(paused, all)).toEqual(['resume', 'skip', 'unenroll']);
	// Only activating the cadence frees these.
	expect(possibleActs({ ...paused, pauseCauses: ['cadence_inactive'] }, all)).toEqual(['skip', 'unenroll']);
});

test('REE-1: completed and failed runs only restart, resumable stops do both, final ones neither', () => {
	const acts = (status: 'completed' | 'failed' | 'stopped', endReason: (typeof endReasons)[number]) =>
		possibleActs({ status, pauseCauses: [], endReason }, all);
	expect(acts('completed', 'completed')).toEqual(['restart']);
	expect(acts('failed', 'missing_address')).toEqual(['restart']);
	expect(acts('stopped', 'exit')).toEqual(['restart']);
	expect(acts('stopped', 'manual')).toEqual(['resume', 'restart']);
	expect(acts('stopped', 'converted')).toEqual([]);
});

test('PER-2: ENROLL enrolls and re-enrolls, UNENROLL un-enrolls, and neither does the other', () => {
	expect(possibleActs(live, { enroll: true, unenroll: false })).toEqual(['pause', 'skip']);
	expect(possibleActs(live, { enroll: false, unenroll: true })).toEqual(['unenroll']);
	expect(possibleActs(live, { enroll: false, unenroll: false })).toEqual([]);
});
