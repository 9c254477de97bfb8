import type { KeyAction } from '../canvas/keyAction.ts';
import type { Simulator } from './simulator.svelte.ts';

/** What a key asks of the simulator while it plays. */
export type SimulatorKey =
	{ do: 'next' | 'hour' | 'day' | 'back' | 'reset' | 'close' } | { do: 'answer'; index: number };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>;

const plain: Record<string, SimulatorKey> = {
	' ': { do: 'next' },
	h: { do: 'hour' },
	d: { do: 'day' },
	b: { do: 'back' },
	r: { do: 'reset' },
	Escape: { do: 'close' }
};

/** Null: the key is the canvas' own. */
export function simulatorKey(event: Key): SimulatorKey | null {
	if (event.ctrlKey || event.metaKey || event.altKey) return null;
	if (/^[1-9]$/.test(event.key)) return { do: 'answer', index: Number(event.key) - 1 };
	return plain[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null;
}

const looking: ReadonlySet<KeyAction['do']> = new Set([
	'walk',
	'start',
	'fit',
	'zoomIn',
	'zoomOut',
	'zoomNormal',
	'minimap',
	'simulate',
	'help'
]);
/** While a journey is played the keys of the canvas look and do not change. */
export const isLooking = (action: KeyAction): boolean => looking.has(action.do);

/** Gives a key to the open simulator; not one that somebody types in a field or presses a button with. */
export function takesKey(simulator: Simulator, event: KeyboardEvent): boolean {
	const { target } = event;
	const key = simulator.open ? simulatorKey(event) : null;
	if (!key || !(target instanceof HTMLElement)) return false;
	if (target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]'))
		return false;
	if (event.key === ' ' && target.closest('button, a')) return false;
	if (!simulator.press(key)) return false;
	event.preventDefault();
	event.stopPropagation();
	return true;
}
