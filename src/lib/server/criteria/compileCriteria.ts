import { sql, type SQL } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { compileCondition, type CriteriaContext } from './compileCondition.ts';

/**
 * CRM-6: criteria as SQL over the alias `r` of records: true or false, never null, so it may stand in a select list or
 * after `not`. Every value is a parameter; a field becomes a column or a parameter of `->>`. `deleted_at` and
 * visibility are the caller's.
 * @throws invalid with the pointer of the first problem (an unknown field, a wrong value)
 */
export function compileCriteria(criteria: Criteria, module: ModuleDefinition, context: CriteriaContext): SQL {
	return sql`coalesce(${compileWhere(criteria, module, context)}, false)`;
}

/**
 * The same for a `where` clause: null stands for false, which lets an index serve a condition. Never negate it.
 * @throws invalid
 */
export function compileWhere(criteria: Criteria, module: ModuleDefinition, context: CriteriaContext): SQL {
	const [problem] = checkCriteria(criteria, module);
	if (problem) throw new DomainError('invalid', problem.message, problem.pointer, [problem]);
	return compilePart(criteria, module, context);
}

function compilePart(part: Criteria, module: ModuleDefinition, context: CriteriaContext): SQL {
	if ('field' in part) return compileCondition(part, module, context);
	const joinedBy = 'all' in part ? sql` and ` : sql` or `;
	const items = 'all' in part ? part.all : part.any;
	if (!items.length) return 'all' in part ? sql`true` : sql`false`;
	return sql`(${sql.join(
		items.map((item) => compilePart(item, module, context)),
		joinedBy
	)})`;
}
