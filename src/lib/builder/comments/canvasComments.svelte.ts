import type * as Y from 'yjs';
import { commentsOf, readThreads, type Thread } from '#lib/collab/comments.ts';

/**
 * What the panel of comments is about: a step, or (null) everything. `thread` is the one to bring into sight; `write`:
 * the field takes the focus, because somebody asked for it.
 */
export type CommentScope = { node: string | null; thread?: string; write?: true };

/** COL-3: the threads of an open canvas, read again at most once per animation frame. */
export class CanvasComments {
	threads = $state.raw<readonly Thread[]>([]);
	/** The panel's scope; null: closed. */
	scope = $state.raw<CommentScope | null>(null);
	readonly open = $derived(this.threads.filter(({ resolved }) => !resolved));
	readonly openByNode = $derived.by(() => {
		const counts = new Map<string, number>();
		for (const { node } of this.open) if (node) counts.set(node, (counts.get(node) ?? 0) + 1);
		return counts;
	});
	/** What was written and not sent yet, by its field: looking at something else must not lose it. */
	readonly unsent = new Map<string, string>();
	readonly #doc: Y.Doc;
	#frame = 0;

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		this.#read();
		commentsOf(doc).observeDeep(this.#changed);
	}

	destroy(): void {
		cancelAnimationFrame(this.#frame);
		commentsOf(this.#doc).unobserveDeep(this.#changed);
	}

	/** The thread a comment belongs to; it may be a reply. */
	threadOf(commentId: string): Thread | undefined {
		return this.threads.find(
			({ id, replies }) => id === commentId || replies.some((reply) => reply.id === commentId)
		);
	}

	#changed = () => {
		this.#frame ||= requestAnimationFrame(this.#read);
	};

	#read = () => {
		this.#frame = 0;
		this.threads = readThreads(this.#doc);
	};
}
