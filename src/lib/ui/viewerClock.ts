import { createContext } from 'svelte';

/** What the shell knows about the person looking: their zone, and the time of the page. */
type ViewerClock = { timeZone: string; now: Date };

const [read, provide] = createContext<() => ViewerClock>();

export const provideViewerClock = provide;

/** Outside the shell (tests, sign-in) the browser's own zone and clock serve. */
export function viewerClock(): () => ViewerClock {
	try {
		return read();
	} catch {
		const now = new Date();
		return () => ({ timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, now });
	}
}
