import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';

type Kit = {
	navigating: { readonly complete: Promise<void> | null };
	invalidate: (what: string) => Promise<void>;
};

/**
 * Loads what a page shows anew because something happened elsewhere. Not while somebody is on the way to another page:
 * Kit would drop that navigation, and the click would have done nothing. What they come to may have been read before it
 * happened, so it is looked at again on arrival.
 */
export function lookAgain(what: `app:${string}`, kit: Kit = { navigating, invalidate }): void {
	const { complete } = kit.navigating;
	if (!complete) return void kit.invalidate(what);
	const arrived = () =>
		// Another one may have begun. The same one again was given up: nobody is on the way any more.
		kit.navigating.complete === complete ? void kit.invalidate(what) : lookAgain(what, kit);
	complete.then(arrived, arrived);
}
