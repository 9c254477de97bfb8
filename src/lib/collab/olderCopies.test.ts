import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { writeDraft } from './document.ts';
import { addAction } from './edits/addAction.ts';
import { removeNode } from './edits/removeNode.ts';
import { setSettings } from './edits/setSettings.ts';
import { setText } from './edits/setText.ts';
import { addNote, setNoteText } from './edits/stickyEdits.ts';
import { findOlderCopies } from './olderCopies.ts';
import type { CopyStore } from './offlineCopy.ts';

const scope = { userId: 'u', cadenceId: 'c', generation: 2 };

function storeOf(copies: Map<string, Uint8Array>): CopyStore {
	return {
		put: async (key, bytes) => void copies.set(key, bytes),
		remove: async (key) => void copies.delete(key),
		list: async (prefix) =>
			[...copies].filter(([key]) => key.startsWith(prefix)).map(([key, bytes]) => ({ key, bytes }))
	};
}

/** A draft of three steps by somebody else, as this page has it, and what is typed into it from now on. */
function page() {
	const other = new Y.Doc();
	writeDraft(other, emptyDraft());
	const mail = addAction(other, {
		node: { kind: 'email', position: [0, 100], title: 'Mail' },
		from: { source: 'start', response: 'entry' }
	});
	const call = addAction(other, {
		node: { kind: 'call', position: [0, 200], subject: 'Call' },
		from: { source: mail.id, response: 'opened' }
	});
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
	// An edit that was stored, before the connection went.
	setText(doc, call.id, 'agenda', 'Stored');
	const base = Y.getState(doc.store, doc.clientID);
	const keep = (copies: Map<string, Uint8Array>, generation = 1) =>
		copies.set(`u/c/${generation}/${doc.clientID}.${base}`, Y.encodeStateAsUpdate(doc));
	return { doc, mail, call, keep };
}

test('VER-6: of an older draft only what this person could not store is offered, with its branches and notes', async () => {
	const copies = new Map<string, Uint8Array>();
	const { doc, mail, keep } = page();
	setText(doc, mail.id, 'notes', 'typed on a train');
	const task = addAction(doc, {
		node: { kind: 'task', position: [0, 300], subject: 'New' },
		from: { source: mail.id, response: 'replied' }
	});
	setNoteText(doc, addNote(doc, [5, 5]), 'Ask legal');
	setSettings(doc, { endAfterDays: 9 });
	keep(copies);
	const [copy, ...more] = await findOlderCopies(storeOf(copies), scope);
	expect(more).toEqual([]);
	expect(copy?.clip?.nodes.map(({ id }) => id).sort()).toEqual([mail.id, task.id].sort());
	expect(copy?.clip?.nodes.find(({ id }) => id === mail.id)).toMatchObject({ notes: 'typed on a train' });
	expect(copy?.clip?.edges).toMatchObject([{ source: mail.id, target: task.id, response: 'replied' }]);
	expect(copy?.clip?.notes).toMatchObject([{ text: 'Ask legal' }]);
	expect(copy?.settings).toEqual(['endAfterDays']);
	expect(copies.size).toBe(1);
});

test('VER-6: copies of this draft, of others and with nothing to lose are not offered', async () => {
	const copies = new Map<string, Uint8Array>();
	const { doc, call, keep } = page();
	removeNode(doc, call.id);
	keep(copies);
	setText(doc, 'start', 'notes', 'of this generation');
	keep(copies, 2);
	copies.set('u/other/1/5.0', Y.encodeStateAsUpdate(doc));
	copies.set('v/c/1/5.0', Y.encodeStateAsUpdate(doc));
	expect(await findOlderCopies(storeOf(copies), scope)).toEqual([]);
	expect([...copies.keys()].filter((key) => key.startsWith('u/c/'))).toEqual([
		expect.stringMatching(/^u\/c\/2\//)
	]);
});
