import { toast } from 'svelte-sonner';
import { copyNodes, maxClipNodes } from '#lib/collab/clip.ts';
import { paste } from '#lib/collab/edits/paste.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { listed } from './tellRemoved.ts';
import type { Builder } from '../builder.svelte.ts';

const clipOf = (builder: Builder) =>
	copyNodes(
		builder.draft,
		builder.selectedIds,
		builder.stickies.filter(({ id }) => builder.selectedNotes.includes(id))
	);

/** COL-4: the selected steps and notes as clipboard text. False when there is nothing to copy. */
export function copyToClipboard(builder: Builder, event: ClipboardEvent | null, verb = 'Copied'): boolean {
	const clip = clipOf(builder);
	if (!clip) return false;
	if (clip.nodes.length > maxClipNodes) {
		toast.error(`At most ${maxClipNodes} steps can be copied at once. Select fewer.`);
		return false;
	}
	const text = JSON.stringify(clip);
	const told = () =>
		toast(`${verb} ${listed({ steps: clip.nodes.length, branches: 0, notes: clip.notes?.length ?? 0 })}`);
	if (event) {
		event.preventDefault();
		event.clipboardData?.setData('text/plain', text);
		told();
	} else
		void write(text).then(told, () =>
			toast.error('The browser did not copy it. Press Ctrl C on the canvas.')
		);
	return true;
}

/** Without a key that was pressed; not every browser lets a page do so, and none on an address without https. */
async function write(text: string): Promise<void> {
	await navigator.clipboard.writeText(text);
}

/** Pastes steps and notes from this or another cadence; anything else on the clipboard is left alone. */
export function pasteText(builder: Builder, text: string, at: readonly [number, number]): boolean {
	if (!text.startsWith('{"cadenza":"clip/1"')) return false;
	return put(
		builder,
		() => {
			try {
				return JSON.parse(text) as unknown;
			} catch {
				throw new DomainError(
					'invalid',
					'The clipboard holds only a part of what was copied. Copy it again.'
				);
			}
		},
		at
	);
}

/** COL-4: the selection once more, a little beside it. */
export function duplicateSelection(builder: Builder): boolean {
	const clip = clipOf(builder);
	if (!clip) return false;
	const places = [...clip.nodes, ...(clip.notes ?? [])].map(({ position }) => position);
	const left = Math.min(...places.map(([x]) => x));
	const top = Math.min(...places.map(([, y]) => y));
	return put(builder, () => clip, [left + 40, top + 40]);
}

function put(builder: Builder, clip: () => unknown, at: readonly [number, number]): boolean {
	const ids = builder.editApart((doc) => paste(doc, clip(), freePlace(builder, at)));
	if (!ids) return false;
	builder.select(ids);
	// Of many, the uppermost is brought into sight.
	const heights = new Map(builder.nodes.map(({ id, position }) => [id, position.y]));
	const [first] = ids.toSorted((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
	if (first !== undefined) builder.added = { id: first };
	return true;
}

/** What is pasted twice does not lie exactly on itself. */
function freePlace(builder: Builder, [x, y]: readonly [number, number]): [number, number] {
	let at: [number, number] = [x, y];
	const isTaken = () =>
		builder.nodes.some(
			({ position }) => Math.abs(position.x - at[0]) < 8 && Math.abs(position.y - at[1]) < 8
		);
	while (isTaken()) at = [at[0] + 28, at[1] + 28];
	return at;
}
