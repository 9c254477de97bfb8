import { expect, test } from 'vitest';
import { TypedOn } from './typedOn.ts';

function typing() {
	let time = 0;
	const typed = new TypedOn(() => time);
	const press = (key: string, field: { isConnected: boolean } | null, { ms = 100, ctrlKey = false } = {}) => {
		time += ms;
		return typed.takes({ key, ctrlKey, metaKey: false }, field);
	};
	return { typed, press };
}

test('COL-2: what is typed on when a field was taken away is no command; after a pause it is', () => {
	const { press } = typing();
	const field = { isConnected: true };
	expect(press('h', field)).toBe(false);
	field.isConnected = false;
	expect(press('e', null)).toBe(true);
	expect(press('l', null, { ms: 1_400 })).toBe(true);
	expect(press('l', null, { ms: 1_600 })).toBe(false);
	expect(press('l', null)).toBe(false);
});

test('COL-2: a field that was left, or that is still there, leaves the keys to the canvas', () => {
	const { typed, press } = typing();
	const field = { isConnected: true };
	press('h', field);
	expect(press('n', null)).toBe(false);
	press('Enter', field);
	field.isConnected = false;
	expect(press('n', null)).toBe(false);
	press('h', field);
	expect(press('z', null, { ctrlKey: true })).toBe(false);
	expect(press('n', null)).toBe(false);
	press('h', field);
	typed.forget();
	expect(press(' ', null)).toBe(false);
});
