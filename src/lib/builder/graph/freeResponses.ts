import type { Draft, DraftNode } from '#lib/domain/cadence/draft.ts';
import {
	branchKey,
	responsesByKind,
	taskStatuses,
	type Channel,
	type ResponseRef
} from '#lib/domain/cadence/responses.ts';
import { graphOf, type Graph } from '#lib/domain/plan/graph.ts';

/** One row of the response picker. GRA-2: a used one is shown, disabled, with the branch that uses it. */
export type ResponseChoice = {
	ref: ResponseRef;
	/** Key of the branch that uses it; null = free. */
	usedBy: string | null;
	negative: boolean;
};

const isAction = (node: DraftNode | undefined): node is Extract<DraftNode, { kind: Channel }> =>
	node !== undefined && node.kind !== 'start' && node.kind !== 'exit';

/** GRA-6: every response an action offers; values (call results, task statuses) are listed one by one. */
export function responseChoices(
	draft: Draft,
	nodeId: string,
	callResults: readonly string[],
	graph: Graph = graphOf(draft)
): ResponseChoice[] {
	const node = draft.nodes[nodeId];
	if (!isAction(node)) return [];
	const used = usedResponses(nodeId, graph);
	return responsesByKind[node.kind].flatMap((definition) => {
		const values =
			definition.parameter !== 'required'
				? [undefined]
				: definition.kind === 'status'
					? // The initial status fires nothing (GRA-6).
						taskStatuses.filter((status) => status !== 'Not started')
					: callResults;
		return values.map((parameter) => {
			const ref: ResponseRef =
				parameter === undefined ? { response: definition.kind } : { response: definition.kind, parameter };
			return {
				ref,
				usedBy: used.get(branchKey(nodeId, ref)) ?? null,
				negative: definition.negativeOf !== undefined
			};
		});
	});
}

/** Branch key of each used response -> key of the branch; a response listed under `also` counts as used. */
function usedResponses(nodeId: string, graph: Graph): Map<string, string> {
	const used = new Map<string, string>();
	for (const { key, edge } of graph.out.get(nodeId) ?? []) {
		used.set(branchKey(nodeId, edge as ResponseRef), key);
		for (const also of edge.also) used.set(branchKey(nodeId, also as ResponseRef), key);
	}
	return used;
}
