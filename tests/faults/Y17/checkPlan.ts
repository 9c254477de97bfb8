import type { Plan, PlanNode } from '../../../src/lib/domain/plan/plan.ts';

const targetsOf = (node: PlanNode): string[] => {
	switch (node.kind) {
		case 'exit':
			return [];
		case 'condition':
			return [...node.cases.map(({ target }) => target), node.otherwise.target].filter((id) => id !== null);
		default:
			return node.branches.map(({ target }) => target);
	}
};

/**
 * What makes a plan executable, told without the compiler's own checks: every way leads to a node, all nodes are reached,
 * no way leads back, each response is taken once. Answers what is wrong.
 */
export function checkPlan({ entry, nodes }: Plan): string[] {
	const wrong: string[] = [];
	const done = new Set<string>();
	const walk = (id: string, above: readonly string[]): void => {
		const node = nodes[id];
		if (!node) return void wrong.push(`a way leads to ${id}, which is not there`);
		if (above.includes(id)) return void wrong.push(`a way leads back to ${id}`);
		if (done.has(id)) return;
		for (const target of targetsOf(node)) walk(target, [...above, id]);
		done.add(id);
	};
	walk(entry.target, []);
	for (const [id, node] of Object.entries(nodes)) {
		if (node.id !== id) wrong.push(`${id} calls itself ${node.id}`);
		if (!done.has(id)) wrong.push(`nothing leads to ${id}`);
		if (!('branches' in node)) continue;
		const taken = node.branches.flatMap(({ when }) =>
			when.map(({ response, parameter }) => `${response} ${parameter ?? ''}`)
		);
		if (new Set(taken).size !== taken.length) wrong.push(`${id} has a response twice`);
	}
	return wrong;
}
