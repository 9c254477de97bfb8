/** Single-key shortcuts must not fire while somebody types or a menu has the keyboard. */
export function isTyping(event: KeyboardEvent): boolean {
	if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
	const target = event.target instanceof HTMLElement ? event.target : null;
	return Boolean(
		target?.closest(
			'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]'
		)
	);
}
