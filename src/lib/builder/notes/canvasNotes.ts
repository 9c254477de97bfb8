import type * as Y from 'yjs';
import { notesOf, readNotes, type StickyNote } from '#lib/collab/stickyNotes.ts';

/** Follows the notes of a document; tells at most once per animation frame. Unchanged notes keep their identity. */
export class CanvasNotes {
	notes: readonly StickyNote[] = [];
	readonly #doc: Y.Doc;
	readonly #onChange: () => void;
	#frame = 0;

	constructor(doc: Y.Doc, onChange: () => void) {
		this.#doc = doc;
		this.#onChange = onChange;
		this.#read();
		notesOf(doc).observeDeep(this.#changed);
	}

	destroy(): void {
		cancelAnimationFrame(this.#frame);
		notesOf(this.#doc).unobserveDeep(this.#changed);
	}

	/** Reads now what was changed in this very frame. */
	flush(): void {
		if (!this.#frame) return;
		cancelAnimationFrame(this.#frame);
		this.#tell();
	}

	#changed = () => {
		this.#frame ||= requestAnimationFrame(this.#tell);
	};

	#tell = () => {
		this.#read();
		this.#onChange();
	};

	#read() {
		this.#frame = 0;
		const old = new Map(this.notes.map((note) => [note.id, note]));
		this.notes = readNotes(this.#doc).map((note) => {
			const known = old.get(note.id);
			return known && JSON.stringify(known) === JSON.stringify(note) ? known : note;
		});
	}
}
