import type { ConditionCase, DraftEdge, DraftNodeOf } from '../cadence/draft.ts';
import { checkCriteria } from '../criteria/checkCriteria.ts';
import type { Criteria } from '../criteria/criteria.ts';
import { fieldOf } from './checkParts.ts';
import type { ContextIndex } from './contextIndex.ts';
import type { Graph } from './graph.ts';
import type { Violation } from './plan.ts';
import { error, warning } from './violation.ts';

/** How sentences and cards call a case: its label, else its place. */
export const caseLabel = (cases: readonly Pick<ConditionCase, 'id' | 'label'>[], id: string): string => {
	const at = cases.findIndex((one) => one.id === id);
	return cases[at]?.label.trim() || (at < 0 ? 'A case that is gone' : `Case ${at + 1}`);
};

/** GRA-10: a condition that is taken by every record is no condition. */
const saysNothing = (criteria: Criteria): boolean => 'all' in criteria && criteria.all.length === 0;

/** GRA-10: at least one case, each with criteria that can be evaluated; a case that leads nowhere is a warning. */
export function checkCondition(
	node: DraftNodeOf<'condition'>,
	graph: Graph,
	index: ContextIndex
): Violation[] {
	if (!node.cases.length)
		return [
			error('condition.noCase', fieldOf(node, 'cases'), 'Add a case: without one, nothing is decided here.')
		];
	const seen = new Set<string>();
	const found = node.cases.flatMap((one): Violation[] => {
		const at = fieldOf(node, `cases.${one.id}`);
		if (seen.has(one.id)) return [error('condition.case', at, 'This case is there twice. Remove it.')];
		seen.add(one.id);
		return checkCase(one, at, node, index);
	});
	return [...found, ...checkEnds(node, graph)];
}

function checkCase(
	{ id, criteria }: ConditionCase,
	at: Violation['at'],
	{ cases }: DraftNodeOf<'condition'>,
	{ context, module }: ContextIndex
): Violation[] {
	const label = `"${caseLabel(cases, id)}"`;
	if (criteria === null || saysNothing(criteria))
		return [error('condition.criteria', at, `${label}: say which ${context.module.plural} take this case.`)];
	return checkCriteria(criteria, module, { audience: true }).map(({ message }) =>
		error('condition.criteria', at, `${label}: ${message}`)
	);
}

function checkEnds(node: DraftNodeOf<'condition'>, graph: Graph): Violation[] {
	const taken = new Set(
		(graph.out.get(node.id) ?? []).flatMap(({ edge }) =>
			[edge, ...edge.also].map((ref) => (ref.response === 'case' ? ref.parameter : ref.response))
		)
	);
	const open = (name: string, label: string) =>
		warning(
			'condition.openEnd',
			fieldOf(node, name),
			`Nothing follows "${label}": the cadence ends there. Add a step, if it should go on.`
		);
	return [
		...node.cases
			.filter(({ id }) => !taken.has(id))
			.map(({ id }) => open(`cases.${id}`, caseLabel(node.cases, id))),
		...(taken.has('else') ? [] : [open('else', 'Else')])
	];
}

/** GRA-10: branches leave a condition at once: nothing about their delay says otherwise. */
export const leavesAtOnce = ({ delay }: Pick<DraftEdge, 'delay'>): boolean =>
	delay.unit === 'immediately' && !delay.at && !delay.weekdays && !delay.window;
