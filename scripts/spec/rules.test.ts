import { expect, test } from 'vitest';
import { namedRules, parseRules } from './rules.ts';

test('reads numbered rules and nothing else of the text', () => {
	const rules = parseRules('# 1\n- UNE-5 [S] Wins.\n- plain item, see UNE-6\n- REP-10 Counts.');
	expect([...rules]).toEqual([
		['UNE-5', '[S] Wins.'],
		['REP-10', 'Counts.']
	]);
});

test('finds the ids that begin the name of a test', () => {
	const source = [
		"test('UNE-5: wins', () => {})",
		"test('GRA-2, GRA-3: joins', async () => {})",
		'it.each([1])(`CAD-1: two steps`, () => {})',
		"test('UNE-1 (b), EXE-2: part b', () => {})",
		"test('about ENR-1, not proving it', () => {})",
		"const text = 'LIM-3: not a test';"
	].join('\n');
	expect(namedRules(source)).toEqual(['UNE-5', 'GRA-2', 'GRA-3', 'CAD-1', 'UNE-1', 'EXE-2']);
});
