import { invalidate } from '$app/navigation';
import { navigating } from '$app/state';

/**
 * Loads what a page shows anew because something happened elsewhere. Not while somebody is on the way to another page:
 * Kit would drop that navigation, and the click would have done nothing. What they come to is loaded fresh anyway.
 */
export function lookAgain(what: `app:${string}`): void {
	if (!navigating.to) void invalidate(what);
}
