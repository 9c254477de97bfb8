import type { Draft } from '../cadence/draft.ts';
import { openingResponse } from '../cadence/responses.ts';
import { checkActions } from './checkActions.ts';
import { checkBranches, isAction, refsOf } from './checkBranches.ts';
import { checkGraph } from './checkGraph.ts';
import { definitionOf } from './checkResponse.ts';
import { checkSettings } from './checkSettings.ts';
import { indexContext } from './contextIndex.ts';
import { graphOf, type Graph } from './graph.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { nodeLabel, warning } from './violation.ts';

export const hasErrors = (violations: readonly Violation[]): boolean =>
	violations.some((violation) => violation.severity === 'error');

/**
 * GRA-9: every problem of a draft, as data. The canvas calls it live (500 actions in a few milliseconds), the server
 * again at publish. Warnings that need the database (nobody of the audience would stay) are added by the server.
 */
export function validateDraft(
	draft: Draft,
	context: PublishContext,
	graph: Graph = graphOf(draft)
): Violation[] {
	const index = indexContext(context);
	return [
		...checkGraph(draft, graph, context),
		...checkBranches(draft, context),
		...checkActions(draft, graph, index),
		...checkSettings(draft, context),
		...checkWaiting(draft, graph)
	];
}

/**
 * GRA-9 warning: a run can wait for ever at an action whose branches all need a response that may never come.
 * `sent` / `created` / `done` and negative branches are timed at once, so one of them is enough.
 */
function checkWaiting(draft: Draft, graph: Graph): Violation[] {
	if (draft.settings.endAfterDays !== null) return [];
	return Object.values(draft.nodes)
		.filter(isAction)
		.filter((node) => {
			const branches = graph.out.get(node.id) ?? [];
			return (
				branches.length > 0 &&
				!branches.some(({ edge }) =>
					refsOf(edge).some(
						(ref) =>
							ref.response === openingResponse(node.kind) ||
							definitionOf(node.kind, ref.response)?.negativeOf !== undefined
					)
				)
			);
		})
		.map((node) =>
			warning(
				'run.waitsForEver',
				{ node: node.id },
				`If nothing comes back from ${nodeLabel(node)}, a run waits here for ever. ` +
					(openingResponse(node.kind) === 'done'
						? 'Add a branch for "Done".'
						: 'Add a "not ... within" branch, or end runs after some days without response.')
			)
		);
}
