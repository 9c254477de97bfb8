import type * as Y from 'yjs';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { canonicalJson } from '#lib/domain/plan/canonicalJson.ts';
import { projectDraft } from '../document.ts';
import { edgesOf, edgeToMap, nodesOf, nodeToMap, settingsOf, settingsToEntries } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/**
 * Makes the document say this draft, in one transaction: one step of the undo history, merged with what others draw at
 * the same time like any edit. What is the same already is not written, so nobody's caret is lost there.
 */
export function replaceDraft(doc: Y.Doc, draft: Draft): void {
	const { draft: now } = projectDraft(doc);
	const differs = (a: unknown, b: unknown) => a === undefined || canonicalJson(a) !== canonicalJson(b);
	doc.transact(() => {
		for (const key of edgesOf(doc).keys()) if (!Object.hasOwn(draft.edges, key)) edgesOf(doc).delete(key);
		for (const id of nodesOf(doc).keys()) if (!Object.hasOwn(draft.nodes, id)) nodesOf(doc).delete(id);
		for (const node of Object.values(draft.nodes))
			if (differs(now.nodes[node.id], node)) nodesOf(doc).set(node.id, nodeToMap(node));
		for (const [key, edge] of Object.entries(draft.edges))
			if (differs(now.edges[key], edge)) edgesOf(doc).set(key, edgeToMap(edge));
		const settings = settingsOf(doc);
		for (const [name, value] of settingsToEntries(draft.settings))
			if (differs(settings.get(name), value)) settings.set(name, value);
	}, editOrigin);
}
