import { toast } from 'svelte-sonner';
import type { Builder } from '../builder.svelte.ts';

/**
 * For a toast that offers to undo what was just done. Undo takes back the last edit: no other one may be mistaken for
 * it. Answers whether it was taken back.
 */
export function takeBack(builder: Builder): () => boolean {
	const step = builder.undoManager.undoStack.at(-1);
	return () => {
		const last = builder.undoManager.undoStack.at(-1) === step;
		if (last) builder.undo();
		else toast('You have edited something since. Take it back step by step with Ctrl Z.');
		return last;
	};
}
