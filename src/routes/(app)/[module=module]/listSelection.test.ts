import { expect, test } from 'vitest';
import { ListSelection } from './listSelection.svelte.ts';

const rows = ['a', 'b', 'c', 'd', 'e'];

test('CRM-7: shift selects the range from the row toggled last, in both directions', () => {
	const selection = new ListSelection();
	selection.toggle('b', rows);
	selection.toggle('d', rows, true);
	expect([...selection.ids]).toEqual(['b', 'c', 'd']);
	selection.toggle('a', rows, true);
	expect([...selection.ids].toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('CRM-7: rows of another page stay selected, and a range does not reach them', () => {
	const selection = new ListSelection();
	selection.toggle('z', ['z']);
	selection.toggle('c', rows, true);
	expect([...selection.ids]).toEqual(['z', 'c']);
	selection.togglePage(rows);
	expect(selection.ids.size).toBe(6);
	selection.togglePage(rows);
	expect([...selection.ids]).toEqual(['z']);
});

test('CRM-7: taking one row away from "all" leaves the rest of the page', () => {
	const selection = new ListSelection();
	selection.selectAll();
	expect(selection.has('anything')).toBe(true);
	selection.toggle('c', rows);
	expect(selection.all).toBe(false);
	expect([...selection.ids]).toEqual(['a', 'b', 'd', 'e']);
	selection.clear();
	expect(selection.isEmpty).toBe(true);
});
