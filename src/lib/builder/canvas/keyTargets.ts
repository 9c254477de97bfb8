/** The field that a key is typed into. */
export const fieldOf = (target: EventTarget | null): HTMLElement | null =>
	target instanceof HTMLElement
		? target.closest<HTMLElement>('input, textarea, [contenteditable="true"]')
		: null;

const busy = 'input, textarea, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]';

/** Keys of the canvas work while nothing else has the focus: not in fields, menus or dialogs. */
export function listensTo(target: EventTarget | null, stage: HTMLElement | null): boolean {
	if (!(target instanceof HTMLElement) || target.closest(busy)) return false;
	return target === document.body || target.id === 'main' || stage?.contains(target) === true;
}

/** Is this Esc in a field of the panel, which leads back to the canvas? Not where it closes something itself. */
export function leavesPanel({ key, target }: KeyboardEvent): boolean {
	if (key !== 'Escape' || !(target instanceof HTMLElement) || !target.closest('[data-panel]')) return false;
	return !target.closest('[aria-expanded="true"], [data-own-escape]');
}
