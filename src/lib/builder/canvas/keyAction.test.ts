import { expect, test } from 'vitest';
import { keyAction } from './keyAction.ts';

const press = (
	key: string,
	held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', true>> = {}
) => keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test('COL-4: arrows walk, with Alt they move', () => {
	expect(press('ArrowDown')).toEqual({ do: 'walk', direction: 'down' });
	expect(press('ArrowLeft', { altKey: true })).toEqual({ do: 'nudge', by: [-20, 0] });
});

test('COL-2: undo and redo by the keys of every system', () => {
	expect(press('z', { metaKey: true })).toEqual({ do: 'undo' });
	expect(press('Z', { ctrlKey: true, shiftKey: true })).toEqual({ do: 'redo' });
	expect(press('y', { ctrlKey: true })).toEqual({ do: 'redo' });
});

test('COL-4: Shift with an arrow selects one more; Ctrl searches, selects all, duplicates', () => {
	expect(press('ArrowUp', { shiftKey: true })).toEqual({ do: 'extend', direction: 'up' });
	expect(press('Delete', { shiftKey: true })).toEqual({ do: 'rejoin' });
	expect(press('f', { ctrlKey: true })).toEqual({ do: 'search' });
	expect(press('/')).toEqual({ do: 'search' });
	expect(press('a', { metaKey: true })).toEqual({ do: 'selectAll' });
	expect(press('d', { ctrlKey: true })).toEqual({ do: 'duplicate' });
	expect(press('Enter', { ctrlKey: true })).toEqual({ do: 'publish' });
});

test('COL-4: single letters act, also in upper case; keys of the browser stay with it', () => {
	expect(press('N')).toEqual({ do: 'add' });
	expect(press('?', { shiftKey: true })).toEqual({ do: 'help' });
	expect(press('c', { ctrlKey: true })).toBeNull();
	expect(press('x')).toBeNull();
});
