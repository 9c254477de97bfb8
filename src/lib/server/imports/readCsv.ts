import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { DomainError } from '#lib/domain/errors.ts';

const slice = 256 * 1024;

/** UTF-8, else what old spreadsheets write. */
function decode(content: Uint8Array): string {
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
		const { code, lines } = error as { code?: string; lines?: number };
		if (!code?.startsWith('CSV_')) throw error;
		throw new DomainError(
			'invalid',
			`Line ${lines ?? '?'} of the file cannot be read as CSV. Check its quotes.`
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
