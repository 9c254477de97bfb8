import type { Awareness } from 'y-protocols/awareness';
import { awarenessStateSchema, type AwarenessState, type Presence } from '#lib/collab/awareness.ts';

/** Somebody else on the canvas. One person with two tabs is there twice. */
export type Remote = AwarenessState & { clientId: number };

/** Cursor and drags leave at most this often (RELIABILITY.md 3.2.9: 20-30 Hz). */
const sendEveryMs = 40;

/**
 * COL-1: who is here, where they point, what they select, drag and edit. Reads the others once per animation
 * frame; sends our own state throttled. What a peer claims is checked: a malformed state shows nobody.
 */
export class CanvasPresence {
	others = $state.raw<readonly Remote[]>([]);
	readonly #awareness: Awareness;
	#own: Presence = { cursor: null, selection: [], dragging: null, editing: null, viewport: null };
	#timer: ReturnType<typeof setTimeout> | undefined;
	#frame = 0;
	#stopped = false;

	constructor(awareness: Awareness) {
		this.#awareness = awareness;
		awareness.on('change', this.#changed);
		// A first state makes us visible to the others (STACK.md 6).
		this.#send();
		this.#read();
	}

	update(patch: Partial<Presence>): void {
		this.#own = { ...this.#own, ...patch };
		this.#timer ??= setTimeout(this.#send, sendEveryMs);
	}

	destroy(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		cancelAnimationFrame(this.#frame);
		this.#awareness.off('change', this.#changed);
	}

	/** People by id, for the avatars: our own other tabs are not listed. */
	get people(): { id: string; name: string; color: number }[] {
		const people = new Map(this.others.map(({ user }) => [user.id, user]));
		return [...people.values()];
	}

	/** Who has the caret in this field. */
	editorsOf = (node: string, field: string): Remote[] =>
		this.others.filter(({ editing }) => editing?.node === node && editing.field === field);

	selectorsOf = (node: string): Remote[] => this.others.filter(({ selection }) => selection.includes(node));

	#send = () => {
		this.#timer = undefined;
		if (this.#stopped) return;
		// One state with all fields: the server adds who we are.
		this.#awareness.setLocalState({ ...this.#awareness.getLocalState(), ...this.#own });
	};

	#changed = () => {
		this.#frame ||= requestAnimationFrame(this.#read);
	};

	#read = () => {
		this.#frame = 0;
		const others: Remote[] = [];
		for (const [clientId, state] of this.#awareness.getStates()) {
			if (clientId === this.#awareness.clientID) continue;
			const parsed = awarenessStateSchema.safeParse(state);
			if (parsed.success) others.push({ ...parsed.data, clientId });
		}
		this.others = others;
	};
}
