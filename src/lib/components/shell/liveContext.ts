import { createContext } from 'svelte';
import type { LiveEvents } from './liveEvents.svelte.ts';

/** The shell provides the stream; pages listen to refresh themselves (`invalidate`). */
export const [getLiveEvents, provideLiveEvents] = createContext<LiveEvents>();
