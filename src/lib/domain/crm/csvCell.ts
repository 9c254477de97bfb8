import type { RecordValue } from './recordValues.ts';

/**
 * A value as a cell of a CSV file. Texts that a spreadsheet would take for a formula begin with an apostrophe
 * (RELIABILITY.md 4); numbers need none. An import takes the apostrophe off again.
 */
export function csvCell(value: RecordValue): string {
	if (value === null) return '';
	if (typeof value === 'number') return String(value);
	if (typeof value === 'boolean') return value ? 'Yes' : 'No';
	const text = Array.isArray(value) ? value.join('; ') : value;
	return /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text;
}
