import { goto } from '$app/navigation';
import type { ListSelection } from './listSelection.svelte.ts';

type ListState = {
	active: number;
	rowIds: readonly string[];
	path: string;
	selection: ListSelection;
	activate: (index: number) => void;
};

/** Arrow keys, J and K move the marked row; Enter opens it, Space selects it, Shift+Space selects up to it. */
export function moveOnKey(event: KeyboardEvent, list: ListState): void {
	const { active, rowIds, path, selection, activate } = list;
	// A button or link with the focus keeps Enter and Space, unless it is the row's own link.
	const target = event.target instanceof Element ? event.target : null;
	const ownControl = target?.closest('a, button, [role="checkbox"]');
	const isRowLink = ownControl?.hasAttribute('data-row-link') ?? false;
	const id = rowIds[active];
	switch (event.key) {
		case 'ArrowDown':
		case 'j':
			return step(event, Math.min(active + 1, rowIds.length - 1), activate);
		case 'ArrowUp':
		case 'k':
			return step(event, Math.max(active - 1, 0), activate);
		case 'Enter':
			if (id && !ownControl) void goto(`${path}/${id}`);
			return;
		case ' ':
			if (!id || (ownControl && !isRowLink)) return;
			event.preventDefault();
			selection.toggle(id, rowIds, event.shiftKey);
	}
}

function step(event: KeyboardEvent, index: number, activate: (index: number) => void): void {
	if (index < 0) return;
	event.preventDefault();
	activate(index);
	document.querySelector<HTMLElement>(`[data-row-link="${index}"]`)?.focus({ preventScroll: false });
}
