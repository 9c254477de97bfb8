import fc from 'fast-check';
import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import type { Plan, PlanCondition } from '../../src/lib/domain/plan/plan.ts';
import type { Facts } from './journeys.ts';

type Simple = Extract<Criteria, { field: string }>;

/** Sample criteria of conditions, over what journeys change of their record. */
const simple: fc.Arbitrary<Criteria> = fc.constantFrom<Criteria>(
	{ field: 'leadStatus', op: 'is', value: 'New' },
	{ field: 'leadStatus', op: 'isNot', value: 'New' },
	{ field: 'leadStatus', op: 'in', value: ['Qualified', 'Lost'] },
	{ field: 'leadSource', op: 'isNot', value: 'Web Form' },
	{ field: 'rating', op: 'is', value: 'Hot' },
	{ field: 'rating', op: 'empty' },
	{ field: 'rating', op: 'isNot', value: 'Hot' },
	{ field: 'employees', op: 'gt', value: 50 },
	{ field: 'employees', op: 'between', value: [10, 50] },
	{ field: 'email', op: 'empty' },
	{ field: 'phone', op: 'notEmpty' },
	{ field: 'phone', op: 'startsWith', value: '+' },
	{ field: 'tags', op: 'hasAny', value: ['vip', 'late'] },
	{ field: 'tags', op: 'hasAll', value: ['vip', 'late'] },
	{ field: 'tags', op: 'hasNone', value: ['vip'] }
);
export const criteria: fc.Arbitrary<Criteria> = fc.oneof(
	{ weight: 4, arbitrary: simple },
	{ weight: 1, arbitrary: fc.tuple(simple, simple).map((all): Criteria => ({ all })) },
	{ weight: 1, arbitrary: fc.tuple(simple, simple).map((any): Criteria => ({ any })) }
);

const valueOf = (facts: Facts, field: string): string | number | string[] | null => {
	switch (field) {
		case 'leadStatus':
			return facts.status;
		case 'leadSource':
			return facts.source;
		case 'rating':
			return facts.rating;
		case 'employees':
			return facts.employees;
		case 'email':
			return facts.email;
		case 'phone':
			return facts.phone;
		case 'tags':
			return facts.tags;
		default:
			throw new Error(field);
	}
};

/** CRM-6, of the operators that journeys use. */
function holds({ field, op, value }: Simple, facts: Facts): boolean {
	const own = valueOf(facts, field);
	const isEmpty = own === null || own === '';
	const wanted = [value].flat();
	const tags = Array.isArray(own) ? own : [];
	switch (op) {
		case 'is':
			return own === value;
		case 'isNot':
			return own !== value;
		case 'in':
			return wanted.some((one) => one === own);
		case 'empty':
			return isEmpty;
		case 'notEmpty':
			return !isEmpty;
		case 'gt':
			return own !== null && Number(own) > Number(value);
		case 'between':
			return own !== null && Number(own) >= Number(wanted[0]) && Number(own) <= Number(wanted[1]);
		case 'startsWith':
			return String(own).startsWith(String(value));
		case 'hasAny':
			return wanted.some((one) => tags.includes(String(one)));
		case 'hasAll':
			return wanted.every((one) => tags.includes(String(one)));
		case 'hasNone':
			return !wanted.some((one) => tags.includes(String(one)));
		default:
			throw new Error(op);
	}
}

const matches = (one: Criteria, facts: Facts): boolean => {
	if ('all' in one) return one.all.every((part) => matches(part, facts));
	if ('any' in one) return one.any.some((part) => matches(part, facts));
	return holds(one, facts);
};

/** GRA-10: the first case that matches, else `else`. */
export const choose = (condition: PlanCondition, facts: Facts): string =>
	condition.cases.find((one) => matches(one.criteria, facts))?.id ?? 'else';

/** GRA-10: where a branch to a node leads for this record, and what was decided on the way; null: nowhere. */
export function follow(
	plan: Plan,
	id: string,
	facts: Facts
): { target: string | null; decided: { id: string; choice: string }[] } {
	const decided: { id: string; choice: string }[] = [];
	for (let target: string | null = id; target !== null;) {
		const node: Plan['nodes'][string] = plan.nodes[target]!;
		if (node.kind !== 'condition') return { target, decided };
		const choice = choose(node, facts);
		decided.push({ id: node.id, choice });
		target = choice === 'else' ? node.otherwise.target : node.cases.find((one) => one.id === choice)!.target;
	}
	return { target: null, decided };
}

/** The nodes that a node leads to. */
export function targetsOf(node: Plan['nodes'][string]): string[] {
	if (node.kind === 'exit') return [];
	if (node.kind === 'condition') return [...node.cases, node.otherwise].flatMap(({ target }) => target ?? []);
	return node.branches.map(({ target }) => target);
}
