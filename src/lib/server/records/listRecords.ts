import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { findField } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import type { ViewSort } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { getView } from '../views/getView.ts';
import { namesOf } from './namesOf.ts';
import { recordFilter, type RecordFilter } from './recordFilter.ts';
import { r, recordColumns, type RecordRow } from './recordRow.ts';
import { sortOrder } from './sortOrder.ts';

export type ListRecordsInput = RecordFilter & {
	/** Key or id. */
	moduleKey: string;
	/** Default: the view's, else newest first. */
	sort?: ViewSort | undefined;
	cursor?: string | null | undefined;
	/** The page before the cursor instead of the one after it. */
	back?: boolean | undefined;
	/** 1-1,000, default 50. */
	limit?: number | undefined;
};

export type RecordPage = {
	rows: RecordRow[];
	/** Id of a user or looked-up record in the rows -> what to show for it. */
	names: Record<string, string>;
	nextCursor: string | null;
	/** For the page before this one, with `back`; null on the first. */
	previousCursor: string | null;
	sort: ViewSort;
};

/**
 * CRM-7, PER-3: one page of the records the actor may see, by keyset: page 1,000 costs what page 1 costs.
 * @throws forbidden, not_found (module, view), invalid (sort, cursor, criteria)
 */
export async function listRecords(tx: OrgTx, actor: Actor, input: ListRecordsInput): Promise<RecordPage> {
	const module = await getModule(tx, input.moduleKey);
	const where = await recordFilter(tx, actor, module, input);
	const view = input.viewId && !input.sort ? await getView(tx, actor, input.viewId) : null;
	const newest: ViewSort = { field: 'createdAt', direction: 'desc' };
	// A view may have been sorted by a field that was deleted since.
	const sort = input.sort ?? (view && findField(module, view.sort.field) ? view.sort : newest);
	const back = Boolean(input.back && input.cursor);
	const order = sortOrder(module, sort, input.cursor, back);
	const limit = Math.min(Math.max(Math.trunc(input.limit ?? 50), 1), 1000);
	const found = await tx
		.select({ ...recordColumns, sortKey: sql<string | null>`${order.key}` })
		.from(r)
		.where(order.beyond ? sql`${where} and ${order.beyond}` : where)
		.orderBy(order.orderBy)
		.limit(limit + 1);
	const more = found.length > limit;
	// Less than a page lies before: that is the first page, which is shown whole.
	if (back && !more) return listRecords(tx, actor, { ...input, sort, cursor: null });
	const rows = back ? found.slice(0, limit).toReversed() : found.slice(0, limit);
	const [first, last] = [rows[0], rows.at(-1)];
	return {
		rows: rows.map(({ sortKey: _, ...row }) => row),
		names: await namesOf(tx, module, rows),
		nextCursor: (back || more) && last ? order.cursorOf(last) : null,
		previousCursor: input.cursor && first ? order.cursorOf(first) : null,
		sort
	};
}
