import { expect, test } from 'vitest';
import { namedRules, namePattern, parseRules } from './rules.ts';

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
		"test('E10, UNE-3: a campaign and a rule', () => {})",
		"test('E2 short, EXE-1/EXE-10: more of both', () => {})",
		"test('E20: a campaign alone', () => {})",
		"test('about ENR-1, not proving it', () => {})",
		"const text = 'LIM-3: not a test';"
	].join('\n');
	expect(namedRules(source)).toEqual([
		...['UNE-5', 'GRA-2', 'GRA-3', 'CAD-1', 'UNE-1', 'EXE-2'],
		...['UNE-3', 'EXE-1', 'EXE-10']
	]);
});

test('chooses the tests that name a rule, wherever it stands in the list', () => {
	const pattern = new RegExp(namePattern(['UNE-3', 'EXE-1']));
	const names = [
		'UNE-3: alone',
		'E10, UNE-3: a campaign before it',
		'group E2 short, EXE-2, UNE-3 (b), GRA-1: in a list',
		'EXE-1/EXE-10: first of two'
	];
	expect(names.filter((name) => !pattern.test(name))).toEqual([]);
	const others = ['UNE-30: longer', 'E10: campaign', 'EXE-10: longer', 'about UNE-3', 'UNE-3 late: no list'];
	expect(others.filter((name) => pattern.test(name))).toEqual([]);
});
