import type { Draft, DraftNode } from '../cadence/draft.ts';
import {
	branchKey,
	entryKey,
	type ActionKind,
	type BranchingKind,
	type ResponseKind,
	type ResponseRef
} from '../cadence/responses.ts';
import type { Delay } from '../time/delay.ts';
import { refsOf } from './checkBranches.ts';
import { definitionOf } from './checkResponse.ts';
import { followUpNumbers, graphOf, type GraphEdge } from './graph.ts';
import type { Plan, PlanAction, PlanBranch, PlanCondition, PlanExit, Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { hasErrors, validateDraft } from './validateDraft.ts';

export type CompileResult = { plan: Plan; warnings: Violation[] } | { violations: Violation[] };

/**
 * VER-2: the executable plan of a valid draft, else what is wrong with it. Pure and deterministic: neither the order
 * of keys nor positions and notes change a byte of it, so its sha256 says whether two drafts do the same.
 */
export function compilePlan(draft: Draft, context: PublishContext): CompileResult {
	const graph = graphOf(draft);
	const violations = validateDraft(draft, context, graph);
	if (hasErrors(violations)) return { violations };
	const depth = followUpNumbers(draft, graph);
	const nodes: Plan['nodes'] = {};
	for (const id of graph.nodeIds) {
		const node = draft.nodes[id]!;
		if (node.kind === 'start') continue;
		const followUp = depth.get(id)!;
		const edges = graph.out.get(id)!;
		if (node.kind === 'exit') nodes[id] = compileExit(node, followUp);
		else if (node.kind === 'condition') nodes[id] = compileCondition(node, followUp, edges);
		else nodes[id] = compileAction(node, followUp, compileBranches(node.kind, edges, draft));
	}
	const entry = draft.edges[entryKey]!;
	return {
		plan: {
			format: 1,
			module: context.module.key,
			entry: { id: entryKey, target: entry.target, delay: compileDelay(entry.delay) },
			nodes,
			settings: draft.settings
		},
		warnings: violations
	};
}

const compileExit = (node: Extract<DraftNode, { kind: 'exit' }>, followUp: number): PlanExit => ({
	kind: 'exit',
	id: node.id,
	followUp,
	reason: node.reason,
	goal: node.goal
});

/** GRA-10: validation has refused a case without criteria. */
function compileCondition(
	node: Extract<DraftNode, { kind: 'condition' }>,
	followUp: number,
	edges: readonly GraphEdge[]
): PlanCondition {
	const targetOf = (response: string, parameter?: string) =>
		edges.find(({ edge }) =>
			refsOf(edge).some((ref) => ref.response === response && ref.parameter === parameter)
		)?.target ?? null;
	return {
		kind: 'condition',
		id: node.id,
		followUp,
		title: node.title,
		cases: node.cases.map(({ id, label, criteria }) => ({
			id,
			label,
			criteria: criteria!,
			target: targetOf('case', id)
		})),
		otherwise: { target: targetOf('else') }
	};
}

function compileAction(
	node: Extract<DraftNode, { kind: ActionKind }>,
	followUp: number,
	branches: PlanBranch[]
): PlanAction {
	// One case per kind keeps `config` exactly typed.
	switch (node.kind) {
		case 'email': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'task': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'call': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'whatsapp': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'updateField': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'tags': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'changeOwner': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'webhook': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
		case 'enroll': {
			const { id, kind, position: _p, notes: _n, title, ...config } = node;
			return { kind, id, followUp, title, config, branches };
		}
	}
}

/** `immediately` has no amount and nothing narrows an absent one: equal delays are written equally. */
const compileDelay = (delay: Delay): Delay => ({
	amount: delay.unit === 'immediately' ? 1 : delay.amount,
	unit: delay.unit,
	...(delay.at === undefined ? {} : { at: delay.at }),
	...(delay.weekdays === undefined ? {} : { weekdays: [...delay.weekdays].sort((a, b) => a - b) }),
	...(delay.window === undefined ? {} : { window: delay.window })
});

/** GRA-7: equal due times are decided in this order; an exit comes before all of them. */
const order: Record<ResponseKind, number> = {
	bounced: 1,
	failed: 1,
	unsubscribed: 2,
	replied: 3,
	clicked: 4,
	opened: 5,
	read: 6,
	delivered: 7,
	result: 8,
	status: 8,
	overdue: 8,
	cancelled: 8,
	sent: 9,
	created: 9,
	done: 9,
	case: 9,
	else: 9,
	notOpened: 10,
	notClicked: 10,
	notReplied: 10,
	notLogged: 10,
	notCompleted: 10,
	notDelivered: 10,
	notRead: 10
};

const toRef = (ref: { response: string; parameter?: string | undefined }): ResponseRef => ({
	response: ref.response as ResponseKind,
	...(ref.parameter === undefined ? {} : { parameter: ref.parameter })
});
/** GRA-2: one link, one button, hard or soft comes before the general response. */
const precedence = (ref: ResponseRef): number =>
	order[ref.response] + (ref.parameter === undefined ? 0.5 : 0);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compileBranches(kind: BranchingKind, edges: readonly GraphEdge[], draft: Draft): PlanBranch[] {
	return edges
		.map(({ edge, source }) => {
			const [own, ...also] = refsOf(edge).map(toRef);
			const id = branchKey(source, own!);
			also.sort((a, b) => compareText(branchKey(source, a), branchKey(source, b)));
			const when = [own!, ...also];
			const isExit = draft.nodes[edge.target]!.kind === 'exit';
			return {
				precedence: isExit ? 0 : Math.min(...when.map(precedence)),
				branch: {
					id,
					when,
					delay: compileDelay(edge.delay),
					target: edge.target,
					negative: definitionOf(kind, own!.response)?.negativeOf !== undefined
				}
			};
		})
		.sort((a, b) => a.precedence - b.precedence || compareText(a.branch.id, b.branch.id))
		.map(({ branch }, rank) => ({ ...branch, rank }));
}
