const textPlaces =
	'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]';

/** Whether the keyboard belongs to a text, a dialog or a menu. */
export const isTypingText = (event: KeyboardEvent): boolean =>
	event.target instanceof HTMLElement && event.target.closest(textPlaces) !== null;

/** Single-key shortcuts must not fire while somebody types or a menu has the keyboard. */
export function isTyping(event: KeyboardEvent): boolean {
	if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
	return isTypingText(event);
}
