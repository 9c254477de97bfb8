import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { projectDraft, writeDraft } from '#lib/collab/document.ts';
import { addAction } from '#lib/collab/edits/addAction.ts';
import { moveNodes } from '#lib/collab/edits/moveNodes.ts';
import { removeNode } from '#lib/collab/edits/removeNode.ts';
import { setSettings } from '#lib/collab/edits/setSettings.ts';
import { setText } from '#lib/collab/edits/setText.ts';
import { edgesOf, nodesOf, settingsOf } from '#lib/collab/layout.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { immediately } from '#lib/domain/time/delay.ts';
import { followDraft, type DraftChange } from './draftFeed.ts';

function open() {
	const doc = new Y.Doc();
	writeDraft(doc, emptyDraft());
	const told: DraftChange[] = [];
	let scheduled = 0;
	const feed = followDraft(
		doc,
		(change) => told.push(change),
		() => {
			scheduled++;
			return () => {};
		}
	);
	return { doc, told, feed, scheduled: () => scheduled };
}
const from = { source: 'start', response: 'entry' };

test('COL-1: many edits of one frame are told once', () => {
	const { doc, told, feed, scheduled } = open();
	const node = addAction(doc, { node: { kind: 'task', position: [0, 200] }, from });
	for (const letter of ['C', 'Ca', 'Cal', 'Call']) setText(doc, node.id, 'subject', letter);
	expect(scheduled()).toBe(1);
	feed.flush();
	expect(told).toHaveLength(1);
	expect(told[0]?.structure).toBe(true);
	expect(told[0]?.draft.nodes[node.id]).toMatchObject({ kind: 'task', subject: 'Call' });
	expect(Object.keys(told[0]?.draft.edges ?? {})).toEqual(['start/entry']);
});

test('COL-1: what did not change keeps its identity, and a move is no change of structure', () => {
	const { doc, told, feed } = open();
	const one = addAction(doc, { node: { kind: 'task', position: [0, 200] }, from });
	const other = addAction(doc, { node: { kind: 'call', position: [300, 200] } });
	feed.flush();
	moveNodes(doc, { [one.id]: [50, 260] });
	feed.flush();
	expect(told[1]?.structure).toBe(false);
	expect(told[1]?.draft.nodes[other.id]).toBe(told[0]?.draft.nodes[other.id]);
	expect(told[1]?.draft.nodes[one.id]?.position).toEqual([50, 260]);
	expect(told[1]?.draft.edges).toBe(told[0]?.draft.edges);
});

test('COL-1: a removed node leaves the draft; a setting changes alone', () => {
	const { doc, told, feed } = open();
	const node = addAction(doc, { node: { kind: 'exit', position: [0, 200] }, from });
	feed.flush();
	removeNode(doc, node.id);
	feed.flush();
	expect(Object.keys(told[1]?.draft.nodes ?? {})).toEqual(['start']);
	setSettings(doc, { trackOpens: false });
	feed.flush();
	expect(told[2]).toMatchObject({ structure: false, draft: { settings: { trackOpens: false } } });
	feed.stop();
	setSettings(doc, { trackOpens: true });
	feed.flush();
	expect(told).toHaveLength(3);
});

test('GRA-9: what cannot be read is told with the draft, until it is set again or removed', () => {
	const { doc, told, feed } = open();
	const { id } = addAction(doc, { node: { kind: 'task', position: [0, 0], subject: 'Look' }, from });
	feed.flush();
	expect(told.at(-1)?.dropped).toEqual([]);
	doc.transact(() => {
		nodesOf(doc).get(id)!.set('priority', 'Yesterday');
		nodesOf(doc).set('broken', new Y.Map([['kind', 'rocket']]));
		edgesOf(doc).get('start/entry')!.set('delay', 7);
		settingsOf(doc).set('endAfterDays', 'soon');
	});
	feed.flush();
	const paths = (change?: DraftChange) => change?.dropped.map(({ path }) => path);
	expect(new Set(paths(told.at(-1)))).toEqual(new Set(projectDraft(doc).dropped.map(({ path }) => path)));
	expect(paths(told.at(-1))).toContain(`/nodes/${id}/priority`);
	doc.transact(() => {
		nodesOf(doc).get(id)!.set('priority', 'High');
		nodesOf(doc).delete('broken');
		edgesOf(doc)
			.get('start/entry')!
			.set('delay', { ...immediately });
	});
	feed.flush();
	expect(paths(told.at(-1))).toEqual(['/settings/endAfterDays']);
	setSettings(doc, { endAfterDays: 3 });
	feed.flush();
	expect(told.at(-1)?.dropped).toEqual([]);
});
