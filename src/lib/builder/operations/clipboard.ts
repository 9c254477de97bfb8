import { toast } from 'svelte-sonner';
import { clipSchema, copyNodes, maxClipNodes, type Clip } from '#lib/collab/clip.ts';
import { paste } from '#lib/collab/edits/paste.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { freePlace, type Box } from '../graph/freePlace.ts';
import { nodeSize } from '../graph/nodeSize.ts';
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
	const clip = () => {
		try {
			return JSON.parse(text) as unknown;
		} catch {
			throw new DomainError('invalid', 'The clipboard holds only a part of what was copied. Copy it again.');
		}
	};
	return put(builder, clip, (read) => {
		const { data } = clipSchema.safeParse(read);
		return data ? freePlace(builder.boxes, boxOf(data), at) : at;
	});
}

/** COL-4: the selection once more, a little beside it. */
export function duplicateSelection(builder: Builder): boolean {
	const clip = clipOf(builder);
	if (!clip) return false;
	const places = [...clip.nodes, ...(clip.notes ?? [])].map(({ position }) => position);
	const left = Math.min(...places.map(([x]) => x));
	const top = Math.min(...places.map(([, y]) => y));
	return put(
		builder,
		() => clip,
		() => besideItself(builder, [left + 40, top + 40])
	);
}

type Place = readonly [number, number];

function put(builder: Builder, clip: () => unknown, placeOf: (clip: unknown) => Place): boolean {
	const ids = builder.editApart((doc) => {
		const read = clip();
		return paste(doc, read, placeOf(read));
	});
	if (!ids) return false;
	builder.select(ids);
	// Of many, the uppermost is brought into sight.
	const heights = new Map(builder.nodes.map(({ id, position }) => [id, position.y]));
	const [first] = ids.toSorted((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
	if (first !== undefined) builder.added = { id: first };
	return true;
}

/** The room that all of it takes. */
function boxOf({ nodes, notes = [] }: Clip): Pick<Box, 'width' | 'height'> {
	const corners = [
		...nodes.map(({ position: [x, y], kind }) => ({ x, y, ...nodeSize[kind] })),
		...notes.map(({ position: [x, y], size: [width, height] }) => ({ x, y, width, height }))
	];
	const reach = (from: 'x' | 'y', size: 'width' | 'height') =>
		Math.max(...corners.map((box) => box[from] + box[size])) - Math.min(...corners.map((box) => box[from]));
	return { width: reach('x', 'width'), height: reach('y', 'height') };
}

/** What is duplicated twice does not lie exactly on itself. */
function besideItself(builder: Builder, [x, y]: readonly [number, number]): [number, number] {
	let at: [number, number] = [x, y];
	const isTaken = () =>
		builder.nodes.some(
			({ position }) => Math.abs(position.x - at[0]) < 8 && Math.abs(position.y - at[1]) < 8
		);
	while (isTaken()) at = [at[0] + 28, at[1] + 28];
	return at;
}
