import { canonicalJson } from './canonicalJson.ts';
import { isAction } from '../enrollment/branches.ts';
import type { Plan, PlanBranch, PlanNode } from './plan.ts';

/** VER-4: what a run on the older plan may be waiting for that the newer one does differently or not at all. */
export type PlanChanges = {
	/** Actions and exits whose settings changed, by id. Branches leaving them are looked at apart. */
	changed: ReadonlySet<string>;
	/** Actions and exits that went. */
	removed: ReadonlySet<string>;
	/** Branches (the entry included) that changed or went. */
	branches: ReadonlySet<string>;
};

/** What an action does; its place in the plan, its title and its branches are no part of that. */
function behaviour(node: PlanNode): string {
	if (node.kind === 'exit') return canonicalJson([node.kind, node.reason, node.goal]);
	if (node.kind === 'condition')
		return canonicalJson([
			node.kind,
			node.cases.map(({ criteria, target }) => [criteria, target]),
			node.otherwise.target
		]);
	return canonicalJson([node.kind, node.config]);
}
/** A branch's rank only orders equal due times against its neighbours: no edit of this branch. */
const timing = ({ when, delay, target, negative }: Omit<PlanBranch, 'id' | 'rank'>): string =>
	canonicalJson([when, delay, target, negative]);

function timingsOf(plan: Plan): Map<string, string> {
	const { id, delay, target } = plan.entry;
	const found = new Map([[id as string, timing({ when: [], delay, target, negative: false })]]);
	for (const node of Object.values(plan.nodes))
		if (isAction(node)) for (const branch of node.branches) found.set(branch.id, timing(branch));
	return found;
}

export function diffPlans(older: Plan, newer: Plan): PlanChanges {
	const changed = new Set<string>();
	const removed = new Set<string>();
	for (const [id, node] of Object.entries(older.nodes)) {
		const now = newer.nodes[id];
		if (!now) removed.add(id);
		else if (behaviour(node) !== behaviour(now)) changed.add(id);
	}
	const after = timingsOf(newer);
	const branches = new Set<string>();
	for (const [id, was] of timingsOf(older)) if (after.get(id) !== was) branches.add(id);
	return { changed, removed, branches };
}
