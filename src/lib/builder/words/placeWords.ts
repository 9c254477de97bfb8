import type { Draft } from '#lib/domain/cadence/draft.ts';
import { isActionKind } from '#lib/domain/cadence/responses.ts';
import type { Violation } from '#lib/domain/plan/plan.ts';
import type { BuilderContext } from '../builderContext.ts';
import { nodeWords } from './nodeWords.ts';
import { responseSource } from './responseSource.ts';
import { edgeResponseWords } from './responseWords.ts';

type Names = Parameters<typeof nodeWords>[1] & Pick<BuilderContext, 'publish'>;

/** GRA-9: where a problem sits, as people call the place. */
export function placeWords(
	{ at }: Violation,
	{ nodes, edges }: Pick<Draft, 'nodes' | 'edges'>,
	followUps: ReadonlyMap<string, number>,
	names: Names
): string {
	if ('node' in at) {
		const node = nodes[at.node];
		const followUp = followUps.get(at.node);
		if (!node) return 'A step that is gone';
		return `${followUp && isActionKind(node.kind) ? `Follow-up ${followUp} · ` : ''}${nodeWords(node, names).title}`;
	}
	if ('edge' in at) {
		const edge = edges[at.edge];
		return edge
			? `Branch on ${edgeResponseWords(responseSource(nodes[edge.source], names.publish), edge)}`
			: 'A branch';
	}
	return 'settings' in at ? 'Cadence settings' : 'Cadence';
}
