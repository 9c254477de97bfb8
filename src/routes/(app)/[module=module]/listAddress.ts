import { z } from 'zod';
import { criteriaSchema, type Criteria } from '#lib/domain/criteria/criteria.ts';

export type Sort = { field: string; direction: 'asc' | 'desc' };

/** What the address bar of a list holds (UX.md): a reload, a bookmark and "back" show the same rows. */
export type ListAddress = {
	viewId: string | null;
	sort: Sort | null;
	search: string;
	filter: Criteria | null;
	/** Cursors of the pages walked so far; the last one is this page's. */
	trail: string[];
	/** 1 for the first; may be larger than the trail, which keeps only the last steps. */
	page: number;
};

/** Some 130 characters each: an address stays well below what proxies take. */
const longestTrail = 20;
const filterSchema = z
	.string()
	.transform((text, context): unknown => {
		try {
			return JSON.parse(text);
		} catch {
			context.addIssue({ code: 'custom', message: 'The filter in the address is not readable.' });
			return z.NEVER;
		}
	})
	.pipe(criteriaSchema);

/** Reads a list's address; what is not readable counts as absent. */
export function readListAddress(params: URLSearchParams): ListAddress {
	const [field, direction] = (params.get('sort') ?? '').split(':');
	const filter = filterSchema.safeParse(params.get('filter'));
	const viewId = z.uuid().safeParse(params.get('view'));
	const trail = params.getAll('after');
	const page = Number(params.get('page') ?? 1);
	return {
		viewId: viewId.success ? viewId.data : null,
		sort: field && (direction === 'asc' || direction === 'desc') ? { field, direction } : null,
		search: (params.get('q') ?? '').slice(0, 200),
		filter: filter.success ? filter.data : null,
		trail,
		page: trail.length && Number.isInteger(page) && page > 1 ? page : 1
	};
}

/** The address of a list; anything but a step to the next or previous page begins at the first. */
export function listHref(path: string, address: Partial<ListAddress>): string {
	const params = new URLSearchParams();
	if (address.viewId) params.set('view', address.viewId);
	if (address.sort) params.set('sort', `${address.sort.field}:${address.sort.direction}`);
	if (address.search) params.set('q', address.search);
	if (address.filter) params.set('filter', JSON.stringify(address.filter));
	for (const cursor of address.trail ?? []) params.append('after', cursor);
	if (address.trail?.length && address.page) params.set('page', String(address.page));
	const query = params.toString();
	return query ? `${path}?${query}` : path;
}

export const nextPage = (address: ListAddress, cursor: string): ListAddress => ({
	...address,
	trail: [...address.trail, cursor].slice(-longestTrail),
	page: address.page + 1
});

/** One page back; when the remembered steps are used up, the first page. Null on the first page. */
export function previousPage(address: ListAddress): ListAddress | null {
	if (!address.trail.length) return null;
	const trail = address.trail.slice(0, -1);
	return { ...address, trail, page: trail.length ? address.page - 1 : 1 };
}
