import { beforeNavigate } from '$app/navigation';

/** UX: nobody loses what they typed by following a link. Asks before one leaves a page on which something is unsaved. */
export function guardUnsaved(isUnsaved: () => boolean, question: string): void {
	beforeNavigate((navigation) => {
		if (navigation.type === 'form' || !isUnsaved()) return;
		// Closing the tab is asked about by the browser, in its own words.
		if (navigation.type === 'leave' || !confirm(question)) navigation.cancel();
	});
}
