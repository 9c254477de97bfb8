import type { Draft, DraftNode } from '#lib/domain/cadence/draft.ts';
import {
	branchKey,
	responsesByKind,
	taskStatuses,
	type ResponseDefinition,
	type ResponseRef
} from '#lib/domain/cadence/responses.ts';
import { isBranching } from '#lib/domain/plan/checkBranches.ts';
import { graphOf, type Graph } from '#lib/domain/plan/graph.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import { linkWords } from '../words/responseSource.ts';

/** One row of the response picker. GRA-2: a used one is shown, disabled, with the branch that uses it. */
export type ResponseChoice = {
	ref: ResponseRef;
	/** Key of the branch that uses it; null = free. */
	usedBy: string | null;
	negative: boolean;
	/** One value of a response that can also be taken as a whole: a link, a button, a hard bounce. */
	specific: boolean;
};

/** What the choices are made of, beside the draft. */
export type ResponseNames = Pick<PublishContext, 'callResults' | 'templates' | 'whatsappTemplates'>;

/** GRA-6, GRA-10: every response an action offers, every case of a condition; values are listed one by one. */
export function responseChoices(
	draft: Draft,
	nodeId: string,
	names: ResponseNames,
	graph: Graph = graphOf(draft)
): ResponseChoice[] {
	const node = draft.nodes[nodeId];
	if (!isBranching(node)) return [];
	const used = usedResponses(nodeId, graph);
	return responsesByKind[node.kind].flatMap((definition) => {
		const general = definition.parameter === 'required' ? [] : [undefined];
		const values = definition.parameter === 'none' ? [] : valuesOf(definition, node, names);
		return [...general, ...values].map((parameter): ResponseChoice => {
			const ref: ResponseRef =
				parameter === undefined ? { response: definition.kind } : { response: definition.kind, parameter };
			return {
				ref,
				usedBy: used.get(branchKey(nodeId, ref)) ?? null,
				negative: definition.negativeOf !== undefined,
				specific: definition.parameter === 'optional' && parameter !== undefined
			};
		});
	});
}

function valuesOf({ kind }: ResponseDefinition, node: DraftNode, names: ResponseNames): readonly string[] {
	switch (kind) {
		case 'case':
			return node.kind === 'condition' ? node.cases.map(({ id }) => id) : [];
		case 'status':
			// The initial status fires nothing (GRA-6).
			return taskStatuses.filter((status) => status !== 'Not started');
		case 'result':
			return names.callResults;
		case 'bounced':
			return ['hard', 'soft'];
		case 'clicked':
			return node.kind === 'email' ? linkWords(node, names).map((_, place) => String(place)) : [];
		case 'replied':
			return node.kind === 'whatsapp'
				? (names.whatsappTemplates.find(({ id }) => id === node.templateId)?.buttons ?? [])
				: [];
		default:
			return [];
	}
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
