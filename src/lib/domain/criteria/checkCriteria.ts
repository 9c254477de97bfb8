import { comparedAsOf, operandOf, operatorsOf } from './operators.ts';
import { findField, type FieldDefinition, type ModuleDefinition } from '../crm/fields.ts';
import { isId } from '../ids.ts';
import type { Condition, Criteria } from './criteria.ts';

export type CriteriaProblem = {
	code:
		'unknownField' | 'wrongOperator' | 'wrongValue' | 'emptyGroup' | 'tooDeep' | 'tooMany' | 'currentUser';
	message: string;
	/** JSON pointer into the criteria: `/all/1/any/0/value`. */
	pointer: string;
};

const maxDepth = 5;
const maxConditions = 100;

/**
 * CRM-6: whether the criteria can be evaluated on records of the module: the fields exist, operators fit their types,
 * values have the right shape. An empty list means yes.
 * @param options.audience also refuses `current user`: nobody is looking when a cadence evaluates its audience
 */
export function checkCriteria(
	criteria: Criteria,
	module: ModuleDefinition,
	options: { audience?: boolean } = {}
): CriteriaProblem[] {
	const problems: CriteriaProblem[] = [];
	let conditions = 0;
	const walk = (part: Criteria, pointer: string, depth: number): void => {
		if ('field' in part) {
			conditions += 1;
			problems.push(...checkCondition(part, module, pointer, options.audience ?? false));
			return;
		}
		const [key, items] = 'all' in part ? (['all', part.all] as const) : (['any', part.any] as const);
		if (depth > maxDepth)
			problems.push({ code: 'tooDeep', message: `Groups can be nested ${maxDepth} deep.`, pointer });
		else if (!items.length && depth > 1)
			problems.push({
				code: 'emptyGroup',
				message: 'This group has no conditions. Add one or remove the group.',
				pointer
			});
		else items.forEach((item, index) => walk(item, `${pointer}/${key}/${index}`, depth + 1));
	};
	walk(criteria, '', 1);
	if (conditions > maxConditions)
		problems.push({ code: 'tooMany', message: `At most ${maxConditions} conditions.`, pointer: '' });
	return problems;
}

function checkCondition(
	condition: Condition,
	module: ModuleDefinition,
	pointer: string,
	audience: boolean
): CriteriaProblem[] {
	const field = findField(module, condition.field);
	if (!field)
		return [
			{
				code: 'unknownField',
				message: `${module.plural} have no field "${condition.field}". It may have been deleted: choose another.`,
				pointer: `${pointer}/field`
			}
		];
	if (!operatorsOf(field.type).includes(condition.op))
		return [
			{
				code: 'wrongOperator',
				message: `"${field.label}" cannot be compared this way. Choose another operator.`,
				pointer: `${pointer}/op`
			}
		];
	if (audience && condition.op === 'currentUser')
		return [
			{
				code: 'currentUser',
				message: `A view used as an audience may not ask for the current user ("${field.label}").`,
				pointer: `${pointer}/op`
			}
		];
	const message = operandProblem(condition, field);
	return message ? [{ code: 'wrongValue', message, pointer: `${pointer}/value` }] : [];
}

/** The database knows no year 0: a view that names it would fail for every record of the module. */
const isDay = (value: unknown): value is string =>
	typeof value === 'string' &&
	/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(value) &&
	new Date(`${value}T00:00:00Z`).toJSON()?.slice(0, 10) === value;

/** What is wrong with the value, in words; null when nothing is. */
function operandProblem({ op, value }: Condition, field: FieldDefinition): string | null {
	const name = `"${field.label}"`;
	const wrong = (part: unknown) => scalarProblem(part, field);
	switch (operandOf(op)) {
		case 'none':
			return null;
		case 'one':
			return Array.isArray(value) ? `${name} needs one value here.` : wrong(value);
		case 'pair':
			if (!Array.isArray(value) || value.length !== 2) return `${name} needs a value from and a value to.`;
			return wrong(value[0]) ?? wrong(value[1]);
		case 'list':
			if (!Array.isArray(value) || !value.length) return `${name} needs at least one value.`;
			return value.map(wrong).find((text) => text !== null) ?? null;
		case 'days':
			return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 36_500
				? null
				: `${name} needs a whole number of days from 1 to 36500.`;
		case 'signedDays':
			return value === undefined || (Number.isInteger(value) && Math.abs(Number(value)) <= 36_500)
				? null
				: `${name} needs a whole number of days, negative for days before today.`;
	}
}

function scalarProblem(value: unknown, field: FieldDefinition): string | null {
	const name = `"${field.label}"`;
	switch (comparedAsOf(field.type)) {
		case 'number':
			return typeof value === 'number' && Number.isFinite(value) ? null : `${name} needs a number.`;
		case 'date':
			return isDay(value) ? null : `${name} needs a date such as 2026-05-31.`;
		case 'reference':
			return isId(value) ? null : `${name} needs a ${field.type === 'user' ? 'user' : 'record'}.`;
		case 'text':
		case 'list':
			return typeof value === 'string' && value.trim() !== '' ? null : `${name} needs a value.`;
		case 'boolean':
			return `${name} takes no value.`;
	}
}
