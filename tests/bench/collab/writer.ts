import * as Y from 'yjs';

const LONGEST = 2_000;

/** Drags its own action about and types into its notes, in turn. Knows its own edits alone, like a page just opened. */
export class Writer {
	readonly index: number;
	#doc = new Y.Doc();
	#update: Uint8Array | null = null;
	#edits = 0;

	constructor(index: number, base: Uint8Array) {
		this.index = index;
		Y.applyUpdate(this.#doc, base);
		this.#doc.on('update', (update: Uint8Array) => (this.#update = update));
	}

	get client(): number {
		return this.#doc.clientID;
	}

	get clock(): number {
		return Y.getState(this.#doc.store, this.client);
	}

	/** Its action comes to be. */
	begin(): { clock: number; update: Uint8Array } {
		return this.#change(() => {
			const action = new Y.Map<unknown>();
			action.set('kind', 'task');
			action.set('pos', [0, 0]);
			action.set('notes', new Y.Text());
			this.#actions.set(this.#id, action);
		});
	}

	edit(): { clock: number; update: Uint8Array } {
		const action = this.#actions.get(this.#id)!;
		const n = ++this.#edits;
		return this.#change(() => {
			if (n % 2) return action.set('pos', [n, this.index]);
			const notes = action.get('notes') as Y.Text;
			if (notes.length >= LONGEST) notes.delete(0, notes.length);
			notes.insert(notes.length, 'x');
		});
	}

	get #actions(): Y.Map<Y.Map<unknown>> {
		return this.#doc.getMap('nodes');
	}

	get #id(): string {
		return `writer${this.index}`;
	}

	#change(change: () => void): { clock: number; update: Uint8Array } {
		this.#doc.transact(change);
		return { clock: this.clock - 1, update: this.#update! };
	}
}
