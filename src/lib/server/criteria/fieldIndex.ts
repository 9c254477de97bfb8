import type { Condition } from '#lib/domain/criteria/criteria.ts';
import { comparedAsOf, isRelativeDate } from '#lib/domain/criteria/operators.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import { indexedLength, storedColumn } from './fieldSql.ts';

const exact = new Set<Condition['op']>(['is', 'in']);
const ordered = new Set<Condition['op']>(['is', 'in', 'lt', 'lte', 'gt', 'gte', 'between']);

/**
 * The expression of records that an index must hold to serve a condition as `compileCondition` writes it; null where
 * none can (negations, "contains", lists) or a column has one already. Keys are made by us from labels: letters and
 * digits.
 */
export function indexExpression(field: FieldDefinition, op: Condition['op']): string | null {
	if (storedColumn(field) || !/^[a-zA-Z0-9_]+$/.test(field.key)) return null;
	const text = `(data ->> '${field.key}'::text)`;
	switch (comparedAsOf(field.type)) {
		case 'text':
			return exact.has(op) ? `left(lower(${text}), ${indexedLength})` : null;
		case 'number':
			return ordered.has(op)
				? `(case when jsonb_typeof(data -> '${field.key}'::text) = 'number' then ${text}::numeric end)`
				: null;
		case 'date':
			return ordered.has(op) || isRelativeDate(op) ? `(nullif(${text}, '') collate "C")` : null;
		case 'reference':
			return exact.has(op) ? `(nullif(${text}, ''))` : null;
		case 'boolean':
		case 'list':
			return null;
	}
}
