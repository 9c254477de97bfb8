import { DomainError } from '#lib/domain/errors.ts';
import { guessDateOrder, guessType, type ImportColumn } from '#lib/domain/crm/importMapping.ts';
import { readCsv } from './readCsv.ts';

const maxBytes = 64 * 1024 * 1024;
const maxRows = 100_000;
const maxColumns = 500;
/** More different values than this, or longer ones, are no choices. */
const maxChoices = 300;
const maxChoiceLength = 200;
/** A header is read by people, and may become a field's name. */
const maxHeader = 200;

class ColumnStats {
	readonly samples: string[] = [];
	counts: Map<string, number> | null = new Map();
	/** Too many to list, but enough to guess a type by. */
	readonly sample = new Set<string>();
	blanks = 0;
	longest = 0;

	add(value: string): void {
		if (value === '') {
			this.blanks += 1;
			return;
		}
		if (this.samples.length < 5 && !this.samples.includes(value)) this.samples.push(value.slice(0, 200));
		if (this.sample.size < 1000) this.sample.add(value);
		this.longest = Math.max(this.longest, value.length);
		this.counts?.set(value, (this.counts.get(value) ?? 0) + 1);
		if (this.counts && (this.counts.size > maxChoices || value.length > maxChoiceLength)) this.counts = null;
	}

	describe(index: number, header: string): ImportColumn {
		const values =
			this.counts &&
			[...this.counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count);
		const all = (test: (value: string) => boolean) => this.sample.size > 0 && [...this.sample].every(test);
		const guess = guessType(header, { all, longest: this.longest }, values);
		const dateOrder = guessDateOrder(this.sample);
		return { index, header, samples: this.samples, blanks: this.blanks, values, guess, dateOrder };
	}
}

/**
 * CRM-4: reads an uploaded file once: how many rows, and what each column holds.
 * @throws invalid when it is too large, empty or no CSV; limit beyond 100,000 rows
 */
export async function inspectCsv(content: Uint8Array): Promise<{ total: number; columns: ImportColumn[] }> {
	if (content.length > maxBytes)
		throw new DomainError(
			'invalid',
			'The file is larger than 64 MB. Split it and import the parts.',
			'/file'
		);
	let headers: string[] | null = null;
	let stats: ColumnStats[] = [];
	let total = 0;
	for await (const row of readCsv(content)) {
		if (!headers) {
			headers = row;
			if (headers.length > maxColumns)
				throw new DomainError(
					'invalid',
					`The file has more than ${maxColumns} columns. Take out those you do not need.`,
					'/file'
				);
			stats = headers.map(() => new ColumnStats());
			continue;
		}
		total += 1;
		if (total > maxRows)
			throw new DomainError(
				'limit',
				'The file has more than 100,000 rows. Split it and import the parts.',
				'/file'
			);
		stats.forEach((column, index) => column.add(row[index] ?? ''));
	}
	if (!headers || !total)
		throw new DomainError(
			'invalid',
			'The file needs a line of headers and at least one row below it.',
			'/file'
		);
	const names = headers;
	return {
		total,
		columns: stats.map((column, index) =>
			column.describe(index, names[index]?.slice(0, maxHeader) || `Column ${index + 1}`)
		)
	};
}
