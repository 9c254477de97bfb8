import { goto } from '$app/navigation';
import type { ListSelection } from './listSelection.svelte.ts';

type ListState = {
	active: number;
	column: number;
	columns: number;
	rowIds: readonly string[];
	path: string;
	selection: ListSelection;
	activate: (row: number, column: number) => void;
	/** Opens the cell for changes; false when it cannot be changed. */
	edit: (row: number, column: number) => boolean;
};

/** A page of rows for Page Up and Page Down: what one sees at a glance. */
const stride = 10;

/**
 * Arrow keys, J and K move the marked row, Page Up and Page Down ten rows, Home and End to the ends, left and right the cell in it; Enter opens the record or, further right, the
 * cell, as F2 does; Space selects the row, Shift+Space selects up to it.
 */
export function moveOnKey(event: KeyboardEvent, list: ListState): void {
	const { active, column, rowIds, path, selection } = list;
	// A button or link with the focus keeps Enter and Space, unless it is the row's own link.
	const target = event.target instanceof Element ? event.target : null;
	const ownControl = target?.closest('a, button, [role="checkbox"]');
	const isRowLink = ownControl?.hasAttribute('data-row-link') ?? false;
	const id = rowIds[active];
	switch (event.key) {
		case 'ArrowDown':
		case 'j':
			return step(event, list, Math.min(active + 1, rowIds.length - 1), column);
		case 'ArrowUp':
		case 'k':
			return step(event, list, Math.max(active - 1, 0), column);
		case 'PageDown':
			return step(event, list, Math.min(Math.max(active, 0) + stride, rowIds.length - 1), column);
		case 'PageUp':
			return step(event, list, Math.max(active - stride, 0), column);
		case 'Home':
			return step(event, list, rowIds.length ? 0 : -1, column);
		case 'End':
			return step(event, list, rowIds.length - 1, column);
		case 'ArrowRight':
			if (id) step(event, list, active, Math.min(column + 1, list.columns - 1));
			return;
		case 'ArrowLeft':
			if (id) step(event, list, active, Math.max(column - 1, 0));
			return;
		case 'F2':
			if (id && list.edit(active, column)) event.preventDefault();
			return;
		case 'Enter':
			if (!id || ownControl) return;
			event.preventDefault();
			if (column === 0 || !list.edit(active, column)) void goto(`${path}/${id}`);
			return;
		case ' ':
			if (!id || (ownControl && !isRowLink)) return;
			event.preventDefault();
			selection.toggle(id, rowIds, event.shiftKey);
	}
}

function step(event: KeyboardEvent, { activate }: ListState, row: number, column: number): void {
	if (row < 0) return;
	event.preventDefault();
	activate(row, column);
	const cell = column === 0 ? `[data-row-link="${row}"]` : `[data-cell="${row}-${column}"]`;
	document.querySelector<HTMLElement>(cell)?.focus({ preventScroll: false });
}
