import type { Draft, DraftNode } from '../cadence/draft.ts';
import { startNodeId } from '../cadence/responses.ts';
import type { DraftChanges } from './diffDrafts.ts';
import type { PublishContext } from './publishContext.ts';
import { kindLabel } from './violation.ts';
import { webhookHost } from './webhookUrl.ts';

/** A step is called as on its card: by its name, else by what it says or sends. */
export function stepTitle(
	node: DraftNode,
	context: Pick<PublishContext, 'templates' | 'whatsappTemplates' | 'fields' | 'cadences'>
): string {
	if (node.title || node.kind === 'start') return node.title || kindLabel(node.kind);
	if (node.kind === 'exit') return node.reason || kindLabel(node.kind);
	if (node.kind === 'task' || node.kind === 'call') return node.subject || kindLabel(node.kind);
	return detailOf(node, context) ?? kindLabel(node.kind);
}

function detailOf(
	node: DraftNode,
	{ templates, whatsappTemplates, fields, cadences }: Parameters<typeof stepTitle>[1]
): string | undefined {
	switch (node.kind) {
		case 'email':
			return templates.find(({ id }) => id === node.templateId)?.name;
		case 'whatsapp':
			return whatsappTemplates.find(({ id }) => id === node.templateId)?.name;
		case 'updateField': {
			const field = fields.find(({ key }) => key === node.field);
			return field && `Update ${field.label}`;
		}
		case 'webhook': {
			const host = webhookHost(node.url);
			return host === null ? undefined : `Webhook to ${host}`;
		}
		case 'enroll': {
			const cadence = cadences.find(({ id }) => id === node.cadenceId);
			return cadence && `Enroll in ${cadence.name}`;
		}
		default:
			return undefined;
	}
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
