import * as Y from 'yjs';
import { carryTalk } from '#lib/collab/carryTalk.ts';
import { projectDraft, writeDraft, type Projection } from '#lib/collab/document.ts';
import { notesOf, readNotes, stickyToMap, type StickyNote } from '#lib/collab/stickyNotes.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { documentClients, documentUpdates } from '../db/schema/cadences.ts';
import { createDoc, Gate } from './gate.ts';
import { collabLimits } from './limits.ts';
import type { DocumentKey } from './loadDocument.ts';

/** What a new generation holds beside the draft: the comments and notes in stored updates, and further notes. */
type Talk = { before?: readonly Uint8Array[]; notes?: readonly StickyNote[] };

/**
 * Writes a draft as the first update of a generation, with the talk that goes along. It passes the gate like anybody's
 * edit.
 * @throws DomainError `invalid` when the draft is too large for a document
 */
export async function writeGeneration(
	tx: OrgTx,
	key: DocumentKey,
	draft: Draft,
	at: { generation: number; seq: number; userId: string },
	talk: Talk = {}
): Promise<void> {
	const { bytes, clientId } = encodeDraft(draft, talk);
	const row = { ...key, generation: at.generation, userId: at.userId };
	await tx.insert(documentUpdates).values({ ...row, seq: at.seq, bytes });
	await tx.insert(documentClients).values({ ...row, clientId });
}

function encodeDraft(
	draft: Draft,
	{ before = [], notes = [] }: Talk
): { bytes: Uint8Array; clientId: number } {
	const doc = createDoc();
	writeDraft(doc, draft);
	const old = openUpdates(before);
	carryTalk(old, doc);
	old.destroy();
	for (const note of notes) notesOf(doc).set(note.id, stickyToMap(note));
	const bytes = Y.encodeStateAsUpdate(doc);
	const { clientID: clientId } = doc;
	doc.destroy();
	const verdict = new Gate(collabLimits, () => []).check(bytes, (client) => client === clientId);
	if (verdict.kind !== 'accepted')
		throw new DomainError('invalid', 'This draft is too large or holds values that cannot be edited.');
	return { bytes, clientId };
}

/** The draft in stored updates, and what of them cannot be read. */
export function projectUpdates(updates: readonly Uint8Array[]): Projection {
	const doc = openUpdates(updates);
	const projection = projectDraft(doc);
	doc.destroy();
	return projection;
}

/** The sticky notes in stored updates. */
export function notesIn(updates: readonly Uint8Array[]): StickyNote[] {
	const doc = openUpdates(updates);
	const notes = readNotes(doc);
	doc.destroy();
	return notes;
}

function openUpdates(updates: readonly Uint8Array[]): Y.Doc {
	const doc = createDoc();
	doc.transact(() => {
		for (const update of updates) Y.applyUpdate(doc, update);
	});
	return doc;
}
