import fc from 'fast-check';
import * as Y from 'yjs';
import { projectDraft, writeDraft } from '../../src/lib/collab/document.ts';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { addBranch } from '../../src/lib/collab/edits/addBranch.ts';
import { insertIntoBranch } from '../../src/lib/collab/edits/insertIntoBranch.ts';
import { addEntry, moveEntry, removeEntry, setEntry } from '../../src/lib/collab/edits/listEntries.ts';
import { moveNodes } from '../../src/lib/collab/edits/moveNodes.ts';
import { removeBranch } from '../../src/lib/collab/edits/removeBranch.ts';
import { removeNode } from '../../src/lib/collab/edits/removeNode.ts';
import { setDelay } from '../../src/lib/collab/edits/setDelay.ts';
import { setNodeField } from '../../src/lib/collab/edits/setNodeField.ts';
import { setSettings } from '../../src/lib/collab/edits/setSettings.ts';
import { setTarget } from '../../src/lib/collab/edits/setTarget.ts';
import { emptyDraft, type Draft } from '../../src/lib/domain/cadence/draft.ts';
import { isDomainError } from '../../src/lib/domain/errors.ts';
import { canonicalJson } from '../../src/lib/domain/plan/canonicalJson.ts';

/** One person's next move; numbers choose among what is there at that moment. */
const moves = [
	'add',
	'branch',
	'insert',
	'remove',
	'rejoin',
	'unbranch',
	'retarget',
	'move',
	'text',
	'delay',
	'set',
	'addCase',
	'setCase',
	'moveCase',
	'removeCase'
];
export const moveArbitrary = fc.record({
	who: fc.nat(4),
	move: fc.constantFrom(...moves),
	a: fc.nat(50),
	b: fc.nat(50),
	c: fc.nat(5)
});
export type Move = typeof moveArbitrary extends fc.Arbitrary<infer T> ? T : never;
const responses = ['sent', 'opened', 'replied', 'clicked', 'created', 'else'];

/** Makes the move as a page does. A refused edit is an answer; anything else is a fault. */
export function makeMove(doc: Y.Doc, { move, a, b, c }: Move): void {
	const { nodes, edges } = projectDraft(doc).draft;
	const ids = Object.keys(nodes).sort();
	const keys = Object.keys(edges).sort();
	const id = ids[a % ids.length]!;
	const other = ids[b % ids.length]!;
	const key = keys[a % (keys.length || 1)] ?? '';
	const response = responses[c % responses.length]!;
	const from = id === 'start' ? { source: id, response: 'entry' } : { source: id, response };
	const kind = (['email', 'task', 'condition', 'exit', 'tags'] as const)[b % 5]!;
	const asked = Object.values(nodes).filter((node) => node.kind === 'condition');
	const ask = asked[a % (asked.length || 1)];
	const one = ask?.cases[b % (ask.cases.length || 1)]?.id ?? 'none';
	try {
		switch (move) {
			case 'add':
				addAction(doc, { node: { kind, position: [a, b], title: `${a}` }, from });
				break;
			case 'branch':
				addBranch(doc, { from, target: other });
				break;
			case 'insert':
				insertIntoBranch(doc, { key, node: { kind: 'task', position: [a, b] }, onward: { response } });
				break;
			case 'remove':
			case 'rejoin':
				removeNode(doc, id, { rejoin: move === 'rejoin' });
				break;
			case 'unbranch':
				removeBranch(doc, key);
				break;
			case 'retarget':
				setTarget(doc, key, other);
				break;
			case 'move':
				moveNodes(doc, { [id]: [a, b] });
				break;
			case 'text':
				setNodeField(doc, id, 'title', `title ${a} by somebody ${b}`);
				break;
			case 'delay':
				setDelay(doc, key, { amount: b + 1, unit: 'hours' });
				break;
			case 'addCase':
				if (!ask) break;
				addBranch(doc, {
					from: {
						source: ask.id,
						response: 'case',
						parameter: addEntry(doc, ask.id, 'cases', { label: `${a}` }, c)
					},
					target: other
				});
				break;
			case 'setCase':
				if (ask) setEntry(doc, ask.id, 'cases', one, c % 2 ? { label: `${b}` } : { criteria: { all: [] } });
				break;
			case 'moveCase':
				if (ask) moveEntry(doc, ask.id, 'cases', one, c);
				break;
			case 'removeCase':
				if (ask) removeEntry(doc, ask.id, 'cases', one);
				break;
			case 'set':
				setSettings(doc, { endAfterDays: a + 1, unenroll: { leavesView: b % 2 === 0 } });
		}
	} catch (error) {
		if (!isDomainError(error)) throw error;
	}
}

/** Copies of one draft, as pages that opened it. */
export function replicas(count: number, draft: Draft = emptyDraft()): Y.Doc[] {
	const first = new Y.Doc();
	writeDraft(first, draft);
	const state = Y.encodeStateAsUpdate(first);
	return Array.from({ length: count }, () => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, state);
		return doc;
	});
}

export const pull = (from: Y.Doc, to: Y.Doc) =>
	Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));

/** Everybody hears everything. */
export function meetAll(docs: Y.Doc[]): void {
	for (const from of docs) for (const to of docs) if (from !== to) pull(from, to);
	for (const from of docs) for (const to of docs) if (from !== to) pull(from, to);
}

/** What a page makes of a document: equal drafts give equal text. */
export const viewOf = (doc: Y.Doc): string => canonicalJson(projectDraft(doc));
