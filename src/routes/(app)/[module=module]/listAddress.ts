import { z } from 'zod';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { criteriaSchema, type Criteria } from '#lib/domain/criteria/criteria.ts';

export type Sort = { field: string; direction: 'asc' | 'desc' };

/** What the address bar of a list holds (UX.md): a reload, a bookmark and "back" show the same rows. */
export type ListAddress = {
	viewId: string | null;
	sort: Sort | null;
	search: string;
	filter: Criteria | null;
	/** Where the page begins; with `back`, what it ends before. Null on the first. */
	cursor: string | null;
	back: boolean;
	/** 1 for the first; for people alone. */
	page: number;
	/** Key of the picklist that the board's columns stand for; null: a table. */
	board: string | null;
};
export const firstPage = { cursor: null, back: false, page: 1 } as const;

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
	const [after, before] = [params.get('after'), params.get('before')];
	const cursor = before ?? after;
	const page = Number(params.get('page') ?? 1);
	return {
		viewId: viewId.success ? viewId.data : null,
		sort: field && (direction === 'asc' || direction === 'desc') ? { field, direction } : null,
		search: (params.get('q') ?? '').slice(0, 200),
		filter: filter.success ? filter.data : null,
		cursor,
		back: before !== null,
		page: cursor && Number.isInteger(page) && page > 1 ? page : 1,
		board: params.get('board') || null
	};
}

/** The address of a list; anything but a step to the next or previous page begins at the first. */
export function listHref(path: string, address: Partial<ListAddress>): string {
	const params = new URLSearchParams();
	if (address.viewId) params.set('view', address.viewId);
	if (address.sort) params.set('sort', `${address.sort.field}:${address.sort.direction}`);
	if (address.search) params.set('q', address.search);
	if (address.filter) params.set('filter', JSON.stringify(address.filter));
	if (address.board) params.set('board', address.board);
	if (address.cursor) params.set(address.back ? 'before' : 'after', address.cursor);
	if (address.cursor && address.page) params.set('page', String(address.page));
	const query = params.toString();
	return query ? `${path}?${query}` : path;
}

export const nextPage = (address: ListAddress, cursor: string): ListAddress => ({
	...address,
	cursor,
	back: false,
	page: address.page + 1
});

/** One page back, however far one has come. Page 2 leads to the first, whose address has no cursor. */
export const previousPage = (address: ListAddress, cursor: string): ListAddress =>
	address.page <= 2
		? { ...address, ...firstPage }
		: { ...address, cursor, back: true, page: address.page - 1 };

/** The picklist of a board: the one of the address, when the module has it. */
export const boardField = (module: ModuleDefinition, wanted: string | null): string | null =>
	module.fields.find(({ key, type }) => key === wanted && type === 'picklist')?.key ?? null;

/** Fields a board can be made of, the one that is a stage or a status first. */
export const boardFields = (module: ModuleDefinition) =>
	module.fields
		.filter(({ type }) => type === 'picklist')
		.toSorted((a, b) => Number(/stage|status/i.test(b.key)) - Number(/stage|status/i.test(a.key)))
		.map(({ key, label }) => ({ value: key, label }));
