import type { Draft } from '#lib/domain/cadence/draft.ts';
import { graphOf, reachableFrom } from '#lib/domain/plan/graph.ts';

/** GRA-3: would a branch from `source` to `target` close a cycle? */
export const closesCycle = (draft: Draft, source: string, target: string): boolean =>
	source === target || reachableFrom(graphOf(draft), target).has(source);
