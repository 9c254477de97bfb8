import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { offeredOptions, optionLabel } from '#lib/domain/crm/fieldOptions.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { numberOf } from '../criteria/fieldSql.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { namesOf } from './namesOf.ts';
import { recordFilter, type RecordFilter } from './recordFilter.ts';
import { r, recordColumns, type RecordRow } from './recordRow.ts';

type BoardColumn = {
	/** Stored picklist value; null for records without one. */
	value: string | null;
	label: string;
	/** Up to `mostCounted`; `more` beyond. */
	count: number;
	more: boolean;
	/** Of the counted records; null without a currency field, or with more than are counted. */
	sum: number | null;
	rows: RecordRow[];
};
export type Board = {
	columns: BoardColumn[];
	names: Record<string, string>;
	amount: Pick<FieldDefinition, 'key' | 'label'> | null;
};

const cardsPerColumn = 25;
const mostCounted = 2000;

/**
 * CRM-7: the records of a list by a picklist field, a column per value, the newest first: a fixed number of statements
 * however many values there are.
 * @throws forbidden, not_found, invalid for a field that is no picklist
 */
export async function listBoard(
	tx: OrgTx,
	actor: Actor,
	input: RecordFilter & { moduleKey: string; by: string }
): Promise<Board> {
	const module = await getModule(tx, input.moduleKey);
	const field = module.fields.find(({ key }) => key === input.by);
	if (field?.type !== 'picklist')
		throw new DomainError('invalid', 'A board needs a picklist field, such as a stage.', '/by');
	const amount = module.fields.find(({ type }) => type === 'currency') ?? null;
	const where = await recordFilter(tx, actor, module, input);
	// Retired values have a column as long as records hold them.
	const values = [...offeredOptions(field, field.retiredOptions ?? []).map(({ value }) => value), null];
	const stage = sql`nullif(r.data ->> ${field.key}::text, '')`;
	const wanted = sql`jsonb_array_elements_text(${JSON.stringify(values)}::jsonb) with ordinality as v(value, place)`;
	const counts = await tx.execute<{ place: number; n: number; sum: number | null }>(sql`
		select v.place::int as place, found.n, found.sum from ${wanted} cross join lateral (
			select count(*)::int as n, sum(x.amount)::float8 as sum from (
				select ${amount ? numberOf(amount) : sql`null::numeric`} as amount
				from records r where ${where} and ${stage} is not distinct from v.value limit ${mostCounted + 1}) x
		) found`);
	const cards = await tx.execute<{ place: number; id: string }>(sql`
		select v.place::int as place, found.id from ${wanted} cross join lateral (
			select r.id, r.created_at from records r where ${where} and ${stage} is not distinct from v.value
			order by r.created_at desc, r.id desc limit ${cardsPerColumn}) found
		order by v.place, found.created_at desc, found.id desc`);
	const rows = await tx
		.select(recordColumns)
		.from(r)
		.where(sql`r.org_id = app.org_id() and r.id = any(${sql.param(cards.map(({ id }) => id))}::uuid[])`);
	const byId = new Map(rows.map((row) => [row.id, row]));
	const columns = values.map((value, index): BoardColumn => {
		const found = counts.find(({ place }) => place === index + 1) ?? { n: 0, sum: null };
		const more = found.n > mostCounted;
		return {
			value,
			label: value === null ? `No ${field.label.toLowerCase()}` : optionLabel(field, value),
			count: Math.min(found.n, mostCounted),
			more,
			sum: amount && !more ? (found.sum ?? 0) : null,
			rows: cards.flatMap(({ place, id }) => (place === index + 1 ? (byId.get(id) ?? []) : []))
		};
	});
	const retired = new Set(field.retiredOptions ?? []);
	return {
		columns: columns.filter(({ value, count }) => count > 0 || (value !== null && !retired.has(value))),
		names: await namesOf(tx, module, rows),
		amount: amount && { key: amount.key, label: amount.label }
	};
}
