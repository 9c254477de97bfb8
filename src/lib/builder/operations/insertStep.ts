import { insertIntoBranch } from '#lib/collab/edits/insertIntoBranch.ts';
import { moveNodes } from '#lib/collab/edits/moveNodes.ts';
import { editOrigin } from '#lib/collab/origins.ts';
import { openingResponse } from '#lib/domain/cadence/responses.ts';
import { graphOf, reachableFrom } from '#lib/domain/plan/graph.ts';
import type { Builder } from '../builder.svelte.ts';
import { nodeSize, rowHeight } from '../graph/nodeSize.ts';
import { defaultDelay } from '../words/defaultDelay.ts';
import { presetNode } from './presetNode.ts';
import type { AddableKind } from './stepKinds.ts';

type InsertableKind = Exclude<AddableKind, 'exit'>;

/** COL-4: puts a step into a branch; what came after it moves down one row. Answers the new id. */
export function insertStep(builder: Builder, key: string, kind: InsertableKind): string | undefined {
	const edge = builder.draft.edges[key];
	const target = edge && builder.draft.nodes[edge.target];
	if (!edge || !target) return undefined;
	const below = reachableFrom(graphOf(builder.draft), edge.target);
	const onward = { response: kind === 'condition' ? 'else' : openingResponse(kind) };
	const left = target.position[0] + (nodeSize[target.kind].width - nodeSize[kind].width) / 2;
	const node = builder.editApart((doc) =>
		doc.transact(() => {
			const made = insertIntoBranch(doc, {
				key,
				node: {
					kind,
					position: [Math.round(left), target.position[1]],
					...presetNode(kind, builder.context.publish)
				},
				onward,
				delay: defaultDelay(onward.response)
			});
			const moved: Record<string, [number, number]> = {};
			for (const id of below) {
				const at = builder.draft.nodes[id]?.position;
				if (at) moved[id] = [at[0], at[1] + rowHeight];
			}
			moveNodes(doc, moved);
			return made;
		}, editOrigin)
	);
	if (!node) return undefined;
	builder.select([node.id]);
	builder.added = { id: node.id };
	return node.id;
}
