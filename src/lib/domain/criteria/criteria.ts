import { z } from 'zod';

/**
 * CRM-6: the one criteria language of views, un-enrollment, list filters and reports. A tree of AND / OR
 * groups over conditions. `field` is a field key of the module or a system field key (crm/fields.ts).
 * Which operator fits which type, and what `value` must look like, is checked by `checkCriteria`.
 */
export const criteriaOperators = [
	'is',
	'isNot',
	'contains',
	'notContains',
	'startsWith',
	'empty',
	'notEmpty',
	'lt',
	'lte',
	'gt',
	'gte',
	'between',
	'in',
	'notIn',
	'hasAny',
	'hasAll',
	'hasNone',
	'isTrue',
	'isFalse',
	'currentUser',
	'today',
	'yesterday',
	'tomorrow',
	'lastDays',
	'nextDays',
	'thisWeek',
	'thisMonth',
	'ageOver',
	'ageUnder',
	'beforeToday',
	'afterToday'
] as const;
export type CriteriaOperator = (typeof criteriaOperators)[number];

const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const conditionSchema = z.object({
	field: z.string().min(1).max(80),
	op: z.enum(criteriaOperators),
	value: z.union([scalar, z.array(scalar).max(500)]).optional()
});
export type Condition = z.infer<typeof conditionSchema>;

export type Criteria = Condition | { all: Criteria[] } | { any: Criteria[] };

export const criteriaSchema: z.ZodType<Criteria> = z
	.lazy(() =>
		z.union([
			z.object({ all: z.array(criteriaSchema).max(50) }),
			z.object({ any: z.array(criteriaSchema).max(50) }),
			conditionSchema
		])
	)
	.meta({ id: 'Criteria' });

/** Matches every record: what "All leads" uses. */
export const everything: Criteria = { all: [] };
