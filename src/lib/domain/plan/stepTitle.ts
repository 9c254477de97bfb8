import type { Draft, DraftNode } from '../cadence/draft.ts';
import { startNodeId } from '../cadence/responses.ts';
import type { DraftChanges } from './diffDrafts.ts';
import type { PublishContext } from './publishContext.ts';
import { kindLabel } from './violation.ts';

/** A step is called as on its card: by its name, else by what it says or sends. */
export function stepTitle(
	node: DraftNode,
	{ templates, whatsappTemplates }: Pick<PublishContext, 'templates' | 'whatsappTemplates'>
): string {
	if (node.title || node.kind === 'start') return node.title || kindLabel(node.kind);
	if (node.kind === 'exit') return node.reason || kindLabel(node.kind);
	if (node.kind === 'task' || node.kind === 'call') return node.subject || kindLabel(node.kind);
	if (node.kind !== 'email' && node.kind !== 'whatsapp') return kindLabel(node.kind);
	const all = [...templates, ...whatsappTemplates];
	return all.find(({ id }) => id === node.templateId)?.name ?? kindLabel(node.kind);
}

/** The changes of steps with the titles people know, as they are read on the canvas; the start node is no step. */
export function titledChanges(
	changes: DraftChanges,
	{ draft, before, context }: { draft: Draft; before: Draft | null; context: PublishContext }
): DraftChanges {
	const place = ({ id }: { id: string }) => (draft.nodes[id] ?? before?.nodes[id])?.position ?? [0, 0];
	const title = <Change extends { id: string; title: string }>(list: readonly Change[]): Change[] =>
		list
			.filter(({ id }) => id !== startNodeId)
			.toSorted((a, b) => place(a)[1] - place(b)[1] || place(a)[0] - place(b)[0])
			.map((change) => {
				const node = draft.nodes[change.id] ?? before?.nodes[change.id];
				return node ? { ...change, title: stepTitle(node, context) } : change;
			});
	const { added, changed, removed } = changes.nodes;
	return { ...changes, nodes: { added: title(added), changed: title(changed), removed: title(removed) } };
}
