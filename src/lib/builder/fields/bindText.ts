import * as Y from 'yjs';
import { setText } from '#lib/collab/edits/setText.ts';
import { setNoteText } from '#lib/collab/edits/stickyEdits.ts';
import { nodesOf, type TextField } from '#lib/collab/layout.ts';
import { editOrigin } from '#lib/collab/origins.ts';
import { notesOf } from '#lib/collab/stickyNotes.ts';
import type { Builder } from '../builder.svelte.ts';
import { moveCaret } from './textDelta.ts';

/**
 * Attachment: ties an input to a text of the document, so that two people's typing in one field merges letter by
 * letter and nobody's caret jumps. A composition (accents, CJK) is never interrupted.
 */
export const bindText = (builder: Builder, nodeId: string, field: TextField) =>
	bindEntryText(builder, nodesOf(builder.doc), [nodeId, field], (text) =>
		builder.edit((doc) => setText(doc, nodeId, field, text))
	);

/** The text of a sticky note. */
export const bindNoteText = (builder: Builder, noteId: string) =>
	bindEntryText(builder, notesOf(builder.doc), [noteId, 'text'], (text) =>
		builder.edit((doc) => setNoteText(doc, noteId, text))
	);

const bindEntryText =
	(
		builder: Builder,
		entries: Y.Map<Y.Map<unknown>>,
		[id, field]: [string, string],
		write: (text: string) => void
	) =>
	(element: HTMLInputElement | HTMLTextAreaElement): (() => void) => {
		const read = () => {
			const text = entries.get(id)?.get(field);
			return text instanceof Y.Text ? text.toString() : '';
		};
		let composing = false;
		element.value = read();

		function show(delta: Parameters<typeof moveCaret>[1] | null) {
			if (composing) return;
			const text = read();
			if (element.value === text) return;
			const { selectionStart, selectionEnd } = element;
			element.value = text;
			if (document.activeElement !== element || selectionStart === null || selectionEnd === null) return;
			const at = (caret: number) => Math.min(text.length, delta ? moveCaret(caret, delta) : caret);
			element.setSelectionRange(at(selectionStart), at(selectionEnd));
		}
		function input() {
			if (composing) return;
			write(element.value);
			// What the limit cut off is not shown either.
			if (element.value !== read()) element.value = read();
		}
		const compositionStart = () => (composing = true);
		const compositionEnd = () => {
			composing = false;
			input();
		};
		function changed(events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) {
			if (transaction.local && transaction.origin === editOrigin) return;
			for (const event of events)
				if (event.path[0] === id && event.path[1] === field)
					return show(event instanceof Y.YTextEvent ? event.delta : null);
			show(null);
		}
		element.addEventListener('input', input);
		element.addEventListener('compositionstart', compositionStart);
		element.addEventListener('compositionend', compositionEnd);
		entries.observeDeep(changed);
		return () => {
			entries.unobserveDeep(changed);
			element.removeEventListener('input', input);
			element.removeEventListener('compositionstart', compositionStart);
			element.removeEventListener('compositionend', compositionEnd);
		};
	};
