import type { Direction } from '../graph/walk.ts';

/** What a key asks of the canvas. */
export type KeyAction =
	| { do: 'walk'; direction: Direction }
	| { do: 'note' | 'search' | 'selectAll' | 'duplicate' | 'rejoin' | 'publish' }
	| { do: 'extend'; direction: Direction }
	| { do: 'nudge'; by: [number, number] }
	| { do: 'start' | 'clear' | 'edit' | 'add' | 'remove' | 'undo' | 'redo' | 'fit' | 'zoomIn' | 'zoomOut' }
	| { do: 'zoomNormal' | 'minimap' | 'arrange' | 'problems' | 'comments' | 'simulate' | 'help' };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const arrows: Record<string, Direction> = {
	ArrowUp: 'up',
	ArrowDown: 'down',
	ArrowLeft: 'left',
	ArrowRight: 'right'
};
const steps: Record<Direction, [number, number]> = {
	up: [0, -20],
	down: [0, 20],
	left: [-20, 0],
	right: [20, 0]
};
const plain: Record<string, KeyAction> = {
	Home: { do: 'start' },
	Escape: { do: 'clear' },
	Enter: { do: 'edit' },
	n: { do: 'add' },
	Delete: { do: 'remove' },
	Backspace: { do: 'remove' },
	'/': { do: 'search' },
	f: { do: 'fit' },
	'+': { do: 'zoomIn' },
	'=': { do: 'zoomIn' },
	'-': { do: 'zoomOut' },
	'0': { do: 'zoomNormal' },
	m: { do: 'minimap' },
	l: { do: 'arrange' },
	p: { do: 'problems' },
	c: { do: 'comments' },
	s: { do: 'note' },
	j: { do: 'simulate' },
	'?': { do: 'help' }
};

/** The key map of the canvas, apart from any framework. Null: the key is not ours. */
export function keyAction(event: Key): KeyAction | null {
	const command = event.ctrlKey || event.metaKey;
	const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	if (command) {
		if (key === 'z') return { do: event.shiftKey ? 'redo' : 'undo' };
		if (key === 'y') return { do: 'redo' };
		if (key === 'f') return { do: 'search' };
		if (key === 'Enter') return { do: 'publish' };
		if (key === 'a') return { do: 'selectAll' };
		if (key === 'd') return { do: 'duplicate' };
		return null;
	}
	const direction = arrows[key];
	if (direction && event.altKey) return { do: 'nudge', by: steps[direction] };
	if (direction) return { do: event.shiftKey ? 'extend' : 'walk', direction };
	if (key === 'Delete' && event.shiftKey) return { do: 'rejoin' };
	return event.altKey ? null : (plain[key] ?? null);
}
