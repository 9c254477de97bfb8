/** The field that a key is typed into. */
export const fieldOf = (target: EventTarget | null): HTMLElement | null =>
	target instanceof HTMLElement
		? target.closest<HTMLElement>('input, textarea, [contenteditable="true"]')
		: null;

const busy = 'input, textarea, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]';

/** A dialog is open, though the focus may have left it: the button that had it was disabled. */
export const isBehindDialog = (): boolean => document.querySelector('[data-slot="dialog"]') !== null;

/**
 * Keys of the canvas work while nothing else has the focus: not in fields, menus or dialogs, nor behind a dialog. A
 * button of the toolbar that was clicked keeps the focus, and the keys go on.
 */
export function listensTo(target: EventTarget | null, stage: HTMLElement | null): boolean {
	if (!(target instanceof HTMLElement) || target.closest(busy) || isBehindDialog()) return false;
	if (target === document.body || target.id === 'main') return true;
	return stage?.contains(target) === true || target.closest('[role="toolbar"]') !== null;
}

/** Undo and redo are also heard from the buttons beside the canvas: there is no text whose history could be meant. */
export const listensToUndo = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	target.closest('[data-panel], [role="toolbar"]') !== null &&
	!target.closest(busy) &&
	!isBehindDialog();

/** Is this Esc in a field of the panel, which leads back to the canvas? Not where it closes something itself. */
export function leavesPanel({ key, target }: KeyboardEvent): boolean {
	if (key !== 'Escape' || !(target instanceof HTMLElement) || !target.closest('[data-panel]')) return false;
	return !target.closest('[aria-expanded="true"], [data-own-escape]');
}
