import { entryKey, startNodeId } from '#lib/domain/cadence/responses.ts';
import type { Builder } from '../builder.svelte.ts';
import type { AddableKind } from '../operations/stepKinds.ts';

/** What the palette gives: a step, or a note. */
export type Carried = AddableKind | 'note';

/** Where a step from the palette would go: into a branch, after a step, or onto the empty canvas. */
export type DropTarget = { branch: string } | { after: string } | null;

const mime = 'application/x-cadenza-step';

export function carry(event: DragEvent, kind: Carried): void {
	event.dataTransfer?.setData(mime, kind);
	// While something is dragged only the names of its types can be read.
	event.dataTransfer?.setData(`${mime}-${kind.toLowerCase()}`, kind);
}
export const carriesStep = ({ dataTransfer }: DragEvent): boolean =>
	dataTransfer?.types.includes(mime) ?? false;
export const carriedStep = ({ dataTransfer }: DragEvent): Carried | '' =>
	(dataTransfer?.getData(mime) ?? '') as Carried | '';

const carriesOne = ({ dataTransfer }: DragEvent, kind: Carried): boolean =>
	dataTransfer?.types.includes(`${mime}-${kind}`) ?? false;

/** COL-4: what is below the pointer and can take what is dragged. A branch is its line as well as its label. */
export function dropTarget(event: DragEvent, builder: Builder): DropTarget {
	if (carriesOne(event, 'note') || !(event.target instanceof Element)) return null;
	const isExit = carriesOne(event, 'exit');
	const branch =
		event.target.closest<HTMLElement>('[data-edge]')?.dataset['edge'] ??
		event.target.closest('.svelte-flow__edge')?.getAttribute('data-id');
	if (branch) return isExit ? null : { branch };
	const after = event.target.closest<HTMLElement>('.svelte-flow__node')?.dataset['id'];
	const node = after === undefined ? undefined : builder.node(after);
	if (!node || node.kind === 'exit') return null;
	// What comes after the start is what it leads to at once: a step more goes in between.
	if (node.id === startNodeId && builder.draft.edges[entryKey]) return isExit ? null : { branch: entryKey };
	return { after: node.id };
}

/** Shows where it would go; of hundreds of cards and branches none is drawn again for it. */
export function dropHint(): (canvas: Element | null, target: DropTarget) => void {
	let shown: Element[] = [];
	let last = '';
	return (canvas, target) => {
		const now = JSON.stringify(target);
		if (now === last) return;
		last = now;
		for (const element of shown) element.removeAttribute('data-drop');
		const find = !target
			? ''
			: 'after' in target
				? `.svelte-flow__node[data-id="${CSS.escape(target.after)}"]`
				: `.svelte-flow__edge[data-id="${CSS.escape(target.branch)}"], [data-edge="${CSS.escape(target.branch)}"]`;
		shown = find && canvas ? [...canvas.querySelectorAll(find)] : [];
		for (const element of shown) element.setAttribute('data-drop', '');
	};
}
