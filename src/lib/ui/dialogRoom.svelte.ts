/**
 * Toasts and dialogs make room for each other. While a dialog is open toasts come in at the top, and a dialog that would
 * reach below them is as much shorter: they lie neither on its buttons nor on its head, and its foot stays where it is.
 */
class DialogRoom {
	/** How many dialogs are open. */
	open = $state(0);

	/** Until the answer is called, a dialog is open. */
	enter(): () => void {
		this.open++;
		return () => {
			this.open--;
		};
	}
}

/** For a dialog's onInteractOutside: who takes a toast's offer or closes it goes on in the dialog. */
export function staysForToasts(event: Event): void {
	if (event.target instanceof Element && event.target.closest('[data-sonner-toaster]'))
		event.preventDefault();
}

export const dialogRoom = new DialogRoom();
