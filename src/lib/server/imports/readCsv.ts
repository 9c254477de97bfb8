import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { DomainError } from '#lib/domain/errors.ts';

const slice = 256 * 1024;

/** First bytes of files that people take for CSV, because a spreadsheet opens them. */
const workbooks = ['504b0304', 'd0cf11e0'];
/** "Unicode text" of spreadsheets begins with a mark. */
const utf16 = { fffe: 'utf-16le', feff: 'utf-16be' } as const;

/**
 * UTF-8, UTF-16 with its mark, else what old spreadsheets write.
 * @throws invalid for what is no text
 */
function decode(content: Uint8Array): string {
	const start = Buffer.from(content.subarray(0, 4)).toString('hex');
	if (workbooks.includes(start))
		throw new DomainError(
			'invalid',
			'This is a workbook of a spreadsheet program, not a CSV file. Save it as "CSV UTF-8" there and choose that file.',
			'/file'
		);
	const text = decodeAs(content, utf16[start.slice(0, 4) as keyof typeof utf16] ?? null);
	if (text.slice(0, 10_000).includes('\0'))
		throw new DomainError(
			'invalid',
			'This file holds no text. Save it as "CSV UTF-8" in the program it comes from and choose that file.',
			'/file'
		);
	// PostgreSQL stores none.
	return text.replaceAll('\0', '');
}

function decodeAs(content: Uint8Array, encoding: string | null): string {
	if (encoding) return new TextDecoder(encoding).decode(content);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(content);
	} catch {
		return new TextDecoder('windows-1252').decode(content);
	}
}

/** The separator that the header line has most of. */
function separatorOf(text: string): string {
	const header = text.slice(0, text.search(/[\r\n]|$/));
	const count = (candidate: string) => header.split(candidate).length;
	return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0]!;
}

/**
 * Reads a CSV file row by row, the header included; cells are trimmed. Parsing pauses after each slice, so that a large
 * file does not keep the process from its other work.
 * @throws invalid with the line that cannot be read
 */
export async function* readCsv(content: Uint8Array): AsyncGenerator<string[]> {
	const text = decode(content);
	const source = Readable.from(slicesOf(text));
	const parser = source.pipe(
		parse({
			bom: true,
			delimiter: separatorOf(text),
			relax_column_count: true,
			relax_quotes: true,
			skip_empty_lines: true,
			skip_records_with_empty_values: true,
			trim: true,
			max_record_size: 1_000_000
		})
	);
	try {
		for await (const row of parser as AsyncIterable<string[]>) yield row;
	} catch (error) {
		const { code, lines, records } = error as { code?: string; lines?: number; records?: number };
		if (!code?.startsWith('CSV_')) throw error;
		// The parser is at the end of the file by then; the cell began long before.
		const isOpen = code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE';
		throw new DomainError(
			'invalid',
			isOpen
				? `Row ${(records ?? 0) + 1} of the file, its headers counted, opens a quote that is never closed, or holds more than 1,000,000 characters.`
				: `Line ${lines ?? '?'} of the file cannot be read as CSV. Check its quotes.`,
			'/file'
		);
	} finally {
		source.destroy();
	}
}

async function* slicesOf(text: string): AsyncGenerator<string> {
	for (let start = 0; start < text.length; start += slice) {
		yield text.slice(start, start + slice);
		await new Promise((done) => setImmediate(done));
	}
}
