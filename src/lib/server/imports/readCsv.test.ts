import { expect, test } from 'vitest';
import { readCsv } from './readCsv.ts';

async function rowsOf(content: Uint8Array): Promise<string[][]> {
	const rows: string[][] = [];
	for await (const row of readCsv(content)) rows.push(row);
	return rows;
}
const rows = [
	['Name', 'City'],
	['Zoë, the 2nd', 'Köln 🎉']
];
const text = 'Name,City\r\n"Zoë, the 2nd",Köln 🎉\r\n';
const utf8 = (value: string) => new TextEncoder().encode(value);
const swapped = (value: string) => Buffer.from(value, 'utf16le').swap16();

test('CRM-4: a file is read whatever program wrote it: UTF-8 and UTF-16 with and without marks, old code pages', async () => {
	expect(await rowsOf(utf8(text))).toEqual(rows);
	expect(await rowsOf(utf8(`\uFEFF${text}`))).toEqual(rows);
	expect(await rowsOf(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toEqual(rows);
	expect(await rowsOf(swapped(`\uFEFF${text}`))).toEqual(rows);
	expect(await rowsOf(Buffer.from('\uFEFFName\tCity\r\nZoë\tKöln 🎉\r\n', 'utf16le'))).toEqual([
		['Name', 'City'],
		['Zoë', 'Köln 🎉']
	]);
	expect(await rowsOf(Buffer.from('Name\nZo\xeb\n', 'latin1'))).toEqual([['Name'], ['Zoë']]);
});

test('CRM-4: a workbook or an image says that it is no CSV file, and how to make one', async () => {
	for (const [start, words] of [
		['504b0304', 'a workbook'],
		['d0cf11e0', 'a workbook'],
		['89504e470d0a1a0a0000000d', 'no text']
	] as const)
		await expect(rowsOf(Buffer.from(start, 'hex'))).rejects.toMatchObject({
			code: 'invalid',
			message: expect.stringContaining(words)
		});
	// Far down, where nobody looks: left out as in every other value.
	const many = `Name\n${'Ada\n'.repeat(4000)}E\0ve\n`;
	expect((await rowsOf(utf8(many))).at(-1)).toEqual(['Eve']);
});

test('CRM-4: a quote that is never closed is told with the row it is in, not with the end of the file', async () => {
	for (const rest of [10, 400_000])
		await expect(rowsOf(utf8(`Name,City\nA,B\n"C,D\n${'E,F\n'.repeat(rest)}`))).rejects.toMatchObject({
			message: expect.stringMatching(/^Row 3 /)
		});
	await expect(rowsOf(utf8('Name,City\nA,B\n"C"x"D,E\n'))).rejects.toMatchObject({
		message: expect.stringMatching(/^Line 3 /)
	});
});
