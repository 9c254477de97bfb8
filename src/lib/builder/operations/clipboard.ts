import { copyNodes } from '#lib/collab/clip.ts';
import { paste } from '#lib/collab/edits/paste.ts';
import type { Builder } from '../builder.svelte.ts';

/** COL-4: the selected steps as clipboard text; null when there is nothing to copy. */
export function copySelection(builder: Builder): string | null {
	const clip = copyNodes(builder.draft, builder.selectedIds);
	return clip && JSON.stringify(clip);
}

/** Pastes steps from this or another cadence; anything else on the clipboard is left alone. */
export function pasteText(builder: Builder, text: string, at: readonly [number, number]): boolean {
	if (!text.startsWith('{"cadenza":"clip/1"')) return false;
	let clip: unknown;
	try {
		clip = JSON.parse(text);
	} catch {
		return false;
	}
	const ids = builder.editApart((doc) => paste(doc, clip, at));
	if (ids) builder.select(ids);
	return ids !== undefined;
}
