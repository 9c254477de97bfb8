import type { Awareness } from 'y-protocols/awareness';
import {
	awarenessStateSchema,
	presenceColor,
	type AwarenessState,
	type Presence
} from '#lib/collab/awareness.ts';
import { distinctColors } from './distinctColors.ts';

/** Somebody else on the canvas. One person with two tabs is there twice. */
export type Remote = AwarenessState & { clientId: number };

type AwarenessChange = Record<'added' | 'updated' | 'removed', readonly number[]>;
const nobody: readonly Remote[] = [];

/** The part of a connection that carries presence: states of everybody, and our own, sent throttled. */
export type PresenceChannel = {
	awareness: Awareness;
	setPresence: (presence: Partial<Presence>) => void;
};

/**
 * COL-1: who is here, where they point, what they select, drag and edit. Reads the others once per animation
 * frame. What a peer claims is checked: a malformed state shows nobody.
 */
export class CanvasPresence {
	others = $state.raw<readonly Remote[]>([]);
	/** The person whose view this canvas follows, by user id. */
	following = $state<string | null>(null);
	readonly leader = $derived(
		this.following === null
			? undefined
			: (this.others.find(({ user, viewport }) => user.id === this.following && viewport) ??
					this.others.find(({ user }) => user.id === this.following))
	);
	readonly #selectors = $derived.by(() => {
		const selectors = new Map<string, Remote[]>();
		for (const one of this.others)
			for (const node of new Set(one.selection)) {
				const known = selectors.get(node);
				if (known) known.push(one);
				else selectors.set(node, [one]);
			}
		return selectors;
	});
	readonly #awareness: Awareness;
	readonly #ownId: string;
	/** What this person points at, selects, drags and edits. */
	readonly update: PresenceChannel['setPresence'];
	#frame = 0;

	constructor({ awareness, setPresence }: PresenceChannel, ownId: string) {
		this.#ownId = ownId;
		this.#awareness = awareness;
		this.update = setPresence;
		awareness.on('change', this.#changed);
		// A first state makes us visible to the others (STACK.md 6).
		setPresence({ cursor: null, selection: [], dragging: null, editing: null, viewport: null });
		this.#read();
	}

	destroy(): void {
		cancelAnimationFrame(this.#frame);
		this.#awareness.off('change', this.#changed);
	}

	/** Who has the caret in this field. */
	editorsOf = (node: string, field: string): Remote[] =>
		this.others.filter(({ editing }) => editing?.node === node && editing.field === field);

	follow(userId: string | null): void {
		this.following = userId;
	}

	/** Who has selected this. Of hundreds of cards only those that somebody has selected are drawn again. */
	selectorsOf = (node: string): readonly Remote[] => this.#selectors.get(node) ?? nobody;

	#changed = ({ added, updated, removed }: AwarenessChange) => {
		// What one does oneself is no news: a drag tells it 25 times a second.
		if ([...added, ...updated, ...removed].every((clientId) => clientId === this.#awareness.clientID)) return;
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
		const wishes = new Map(others.map(({ user }) => [user.id, user.color]));
		wishes.set(this.#ownId, presenceColor(this.#ownId));
		const colors = distinctColors(wishes);
		for (const { user } of others) user.color = colors.get(user.id) ?? user.color;
		this.others = others;
	};
}
