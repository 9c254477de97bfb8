import type { Violation } from '#lib/domain/plan/plan.ts';
import type { ProblemCounts } from './flowNodes.ts';

/** GRA-9: problems by the node or branch they sit on. */
export function problemCounts(problems: readonly Violation[]): Map<string, ProblemCounts> {
	const counts = new Map<string, ProblemCounts>();
	for (const { at, severity } of problems) {
		const id = 'node' in at ? at.node : 'edge' in at ? at.edge : null;
		if (id === null) continue;
		const count = counts.get(id) ?? { errors: 0, warnings: 0 };
		count[severity === 'error' ? 'errors' : 'warnings']++;
		counts.set(id, count);
	}
	return counts;
}
