import { layoutDraft } from '../../../src/lib/builder/graph/layoutDraft.ts';
import type { Draft } from '../../../src/lib/domain/cadence/draft.ts';
import { days, draftOf, type Edge } from '../../support/draftOf.ts';

const ways = ['created', 'overdue'] as const;

/** A tree of tasks and calls, each with two branches, laid out as the canvas does it. */
export function treeOf(actions: number): Draft {
	const nodes: Record<string, Record<string, unknown>> = {};
	const edges: Edge[] = [['start', 'entry', 'a0']];
	for (let n = 0; n < actions; n++) {
		const title = `Action ${n}`;
		nodes[`a${n}`] =
			n % 3
				? {
						kind: 'task',
						title,
						subject: `Look at {{lead.lastName}}, ${n}`,
						description: 'What to look for. '.repeat(4)
					}
				: {
						kind: 'call',
						title,
						subject: `Ring about ${n}`,
						recipient: 'phone',
						agenda: 'What to ask. '.repeat(4)
					};
		if (n > 0) edges.push([`a${(n - 1) >> 1}`, ways[(n - 1) % 2]!, `a${n}`, days(1)]);
	}
	const draft = draftOf(nodes, edges);
	for (const [id, position] of layoutDraft(draft)) draft.nodes[id]!.position = position;
	return draft;
}
