import type { CollabLimits } from './limits.ts';

/**
 * JSON only (RELIABILITY.md 3.2.4): no BigInt, bytes, undefined or NaN, no key that reaches a prototype, bounded in
 * depth, entries and bytes. Answers what is wrong, or null.
 */
export function checkValue(value: unknown, depth: number, limits: CollabLimits): string | null {
	const left = { entries: limits.entries, bytes: limits.valueBytes };
	return visit(value, depth, left);
}

function visit(value: unknown, depth: number, left: { entries: number; bytes: number }): string | null {
	if (value === null || typeof value === 'boolean') return spend(left, 4);
	if (typeof value === 'number') return Number.isFinite(value) ? spend(left, 8) : 'a number is not finite';
	if (typeof value === 'string') return checkString(value) ?? spend(left, value.length + 2);
	if (typeof value !== 'object') return `a value is a ${typeof value}`;
	if (depth <= 0) return 'a value is nested too deeply';
	if (Array.isArray(value)) {
		for (const part of value) {
			const wrong = spend(left, 1) ?? visit(part, depth - 1, left);
			if (wrong) return wrong;
		}
		return null;
	}
	const prototype: unknown = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null) return 'a value is no plain object';
	for (const [key, part] of Object.entries(value)) {
		if (key === '__proto__') return 'a key is not allowed';
		const wrong = checkString(key) ?? spend(left, key.length + 1) ?? visit(part, depth - 1, left);
		if (wrong) return wrong;
	}
	return null;
}

/** The database stores no NUL: who may be told of a text, or publish it, would fail over it ever after. */
export const checkString = (text: string): string | null =>
	text.includes('\0') ? 'a text holds a NUL' : null;

function spend(left: { entries: number; bytes: number }, bytes: number): string | null {
	left.entries--;
	left.bytes -= bytes;
	return left.entries < 0 || left.bytes < 0 ? 'a value is too large' : null;
}
