import { expect, test } from 'vitest';
import { listHref, nextPage, previousPage, readListAddress, type ListAddress } from './listAddress.ts';

const address: ListAddress = {
	viewId: '0198f3a0-0000-7000-8000-000000000001',
	sort: { field: 'createdAt', direction: 'desc' },
	search: 'ann & bob',
	filter: { any: [{ field: 'leadStatus', op: 'is', value: 'New' }] },
	trail: [],
	page: 1
};
const read = (href: string) => readListAddress(new URL(href, 'http://x').searchParams);

test('CRM-7: the address keeps view, sort, search, filter and page', () => {
	expect(read(listHref('/leads', address))).toEqual(address);
	const third = nextPage(nextPage(address, 'c1'), 'c2');
	expect(read(listHref('/leads', third))).toEqual({ ...address, trail: ['c1', 'c2'], page: 3 });
});

test('CRM-7: stepping back retraces the pages, at worst to the first', () => {
	let walked = address;
	for (let step = 1; step <= 10; step++) walked = nextPage(walked, `c${step}`);
	expect(walked.page).toBe(11);
	expect(walked.trail.at(-1)).toBe('c10');
	const back = previousPage(walked);
	expect(back).toMatchObject({ page: 10 });
	expect(back?.trail.at(-1)).toBe('c9');
	expect(previousPage(nextPage(address, 'c1'))).toEqual(address);
	expect(previousPage(address)).toBeNull();
});

test('CRM-7: an unreadable address counts as an empty one', () => {
	expect(read('/leads?view=x&sort=name:up&filter={&page=9')).toEqual({
		viewId: null,
		sort: null,
		search: '',
		filter: null,
		trail: [],
		page: 1
	});
});
