import { expect, test } from 'vitest';
import { listHref, nextPage, previousPage, readListAddress, type ListAddress } from './listAddress.ts';

const address: ListAddress = {
	viewId: '0198f3a0-0000-7000-8000-000000000001',
	sort: { field: 'createdAt', direction: 'desc' },
	search: 'ann & bob',
	filter: { any: [{ field: 'leadStatus', op: 'is', value: 'New' }] },
	cursor: null,
	back: false,
	page: 1,
	board: null
};
const read = (href: string) => readListAddress(new URL(href, 'http://x').searchParams);

test('CRM-7: the address keeps view, sort, search, filter and page', () => {
	expect(read(listHref('/leads', address))).toEqual(address);
	const third = nextPage(nextPage(address, 'c1'), 'c2');
	expect(read(listHref('/leads', third))).toEqual({ ...address, cursor: 'c2', page: 3 });
	expect(read(listHref('/deals', { ...address, board: 'stage' }))).toEqual({ ...address, board: 'stage' });
});

test('CRM-7: the page before is one step away, however far one has come', () => {
	const far = { ...address, cursor: 'c99', page: 100 };
	const back = previousPage(far, 'first of page 100');
	expect(read(listHref('/leads', back))).toEqual({
		...address,
		cursor: 'first of page 100',
		back: true,
		page: 99
	});
	expect(nextPage(back, 'last of page 99')).toMatchObject({
		cursor: 'last of page 99',
		back: false,
		page: 100
	});
	expect(previousPage({ ...address, cursor: 'c1', page: 2 }, 'first')).toEqual(address);
});

test('CRM-7: an unreadable address counts as an empty one', () => {
	expect(read('/leads?view=x&sort=name:up&filter={&page=9')).toEqual({
		viewId: null,
		sort: null,
		search: '',
		filter: null,
		cursor: null,
		back: false,
		page: 1,
		board: null
	});
});
