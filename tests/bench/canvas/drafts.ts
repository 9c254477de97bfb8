import { nodeSize, rowHeight } from '../../../src/lib/builder/graph/nodeSize.ts';
import type { Draft } from '../../../src/lib/domain/cadence/draft.ts';
import { days, draftOf, type Edge } from '../../support/draftOf.ts';

const ways = ['created', 'overdue'] as const;
const COLUMNS = 25;
const COLUMN_WIDTH = nodeSize.task.width + 44;

/** A tree of tasks and calls, each with two branches, close together: a window shows some thirty of them. */
export function treeOf(actions: number): Draft {
	const nodes: Record<string, Record<string, unknown>> = {};
	const edges: Edge[] = [['start', 'entry', 'a0']];
	for (let n = 0; n < actions; n++) {
		const position = [((n % COLUMNS) - 2) * COLUMN_WIDTH, (1 + Math.floor(n / COLUMNS)) * rowHeight];
		const title = `Action ${n}`;
		nodes[`a${n}`] =
			n % 3
				? {
						...{ kind: 'task', title, position, subject: `Look at {{lead.lastName}}, ${n}` },
						description: 'What to look for. '.repeat(4)
					}
				: {
						...{ kind: 'call', title, position, subject: `Ring about ${n}`, recipient: 'phone' },
						agenda: 'What to ask. '.repeat(4)
					};
		if (n > 0) edges.push([`a${(n - 1) >> 1}`, ways[(n - 1) % 2]!, `a${n}`, days(1)]);
	}
	return draftOf(nodes, edges);
}
