import type { CadenceFile, NamedKind } from './cadenceFile.ts';
import type { Draft, DraftNode, DraftSettings, OwnerRule, SenderRule } from './draft.ts';

/** Something a file names that is not here; it was left out. */
export type Unresolved = {
	kind: NamedKind;
	name: string;
	/** Node id; null: the settings. */ nodeId: string | null;
};

/** What there is to resolve to. */
export type Known = Record<NamedKind, readonly { id: string; name: string }[]>;

/**
 * CAD-5: the file's draft with ids that mean something here: the same id, else the one thing of that kind with the
 * same name. What is not found is left out and told; nothing is guessed.
 */
export function resolveNames(
	{ draft, names }: Pick<CadenceFile, 'draft' | 'names'>,
	known: Known
): { draft: Draft; unresolved: Unresolved[] } {
	const unresolved: Unresolved[] = [];
	const byId = new Set(Object.values(known).flatMap((list) => list.map(({ id }) => id)));
	function find(kind: NamedKind, id: string, nodeId: string | null): string | null {
		if (byId.has(id) && known[kind].some((one) => one.id === id)) return id;
		const named = Object.hasOwn(names, id) && names[id]!.kind === kind ? names[id]!.name : null;
		const same = named === null ? [] : known[kind].filter(({ name }) => sameName(name, named));
		if (same.length === 1) return same[0]!.id;
		unresolved.push({ kind, name: named ?? '', nodeId });
		return null;
	}
	const nodes = Object.fromEntries(
		Object.entries(draft.nodes).map(([id, node]) => [id, resolveNode(node, (kind, of) => find(kind, of, id))])
	);
	const { viewId } = draft.settings;
	const settings: DraftSettings = {
		...draft.settings,
		viewId: viewId === null ? null : find('view', viewId, null)
	};
	return { draft: { ...draft, settings, nodes }, unresolved };
}

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

type Find = (kind: NamedKind, id: string) => string | null;

function resolveNode(node: DraftNode, find: Find): DraftNode {
	switch (node.kind) {
		case 'email':
			return {
				...node,
				templateId: node.templateId && find('template', node.templateId),
				sender: resolveSender(node.sender, find),
				...(node.variants && {
					variants: node.variants.map((one) => ({
						...one,
						templateId: one.templateId && find('template', one.templateId)
					}))
				}),
				...(node.reviewer && { reviewer: resolveOwner(node.reviewer, find) })
			};
		case 'whatsapp':
			return { ...node, templateId: node.templateId && find('whatsappTemplate', node.templateId) };
		case 'task':
		case 'call':
			return { ...node, owner: resolveOwner(node.owner, find) };
		case 'changeOwner':
			return { ...node, owner: node.owner && resolveOwner(node.owner, find) };
		case 'enroll':
			return { ...node, cadenceId: node.cadenceId && find('cadence', node.cadenceId) };
		default:
			return node;
	}
}

function resolveSender(rule: SenderRule | null, find: Find): SenderRule | null {
	if (!rule) return null;
	const fallback = rule.fallbackSenderId ? find('sender', rule.fallbackSenderId) : null;
	const more = fallback === null ? {} : { fallbackSenderId: fallback };
	if (rule.kind === 'recordOwner') return { kind: rule.kind, ...more };
	const senderId = find('sender', rule.senderId);
	return senderId === null ? null : { kind: rule.kind, senderId, ...more };
}

/** Without the person it was, the record's owner does it. */
function resolveOwner(rule: OwnerRule, find: Find): OwnerRule {
	const fallback = rule.fallbackUserId ? find('user', rule.fallbackUserId) : null;
	const more = fallback === null ? {} : { fallbackUserId: fallback };
	if (rule.kind === 'user') {
		const userId = find('user', rule.userId);
		return userId === null ? { kind: 'recordOwner', ...more } : { kind: rule.kind, userId, ...more };
	}
	if (rule.kind === 'recordOwner') return { kind: rule.kind, ...more };
	const userIds = rule.userIds.flatMap((id) => find('user', id) ?? []);
	return userIds.length ? { kind: rule.kind, userIds, ...more } : { kind: 'recordOwner', ...more };
}
