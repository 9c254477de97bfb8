import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

export type LeadsFile = { content: Uint8Array; records: number; expected: MailOutcomes };
/** EXE-4, EXE-5: what becomes of one e-mail to each lead. */
export type MailOutcomes = {
	mailed: number;
	skipped: number;
	missing_address: number;
	invalid_address: number;
};

const path = fileURLToPath(new URL('../../../../shared/data/leads.csv', import.meta.url));

/**
 * The real leads, and what must become of their first e-mails by this file's own reading of the CSV: opted out comes
 * first, then blank, then malformed.
 * @throws when the data folder is not beside the project
 */
export async function readLeadsFile(): Promise<LeadsFile> {
	const content = await readFile(path).catch(() => {
		throw new Error(`The benchmark imports ../shared/data/leads.csv, but there is no ${path}.`);
	});
	const rows: Record<string, string>[] = parse(content, { columns: true, bom: true });
	const expected = { mailed: 0, skipped: 0, missing_address: 0, invalid_address: 0 };
	for (const row of rows) expected[outcomeOf(row)]++;
	return { content, records: rows.length, expected };
}

function outcomeOf(row: Record<string, string>): keyof MailOutcomes {
	const address = (row['Email'] ?? '').trim();
	if (row['Do Not Email'] === 'Yes') return 'skipped';
	if (address === '') return 'missing_address';
	return /^[^@\s]+@[^@\s]+\.[a-z]{2,}$/i.test(address) ? 'mailed' : 'invalid_address';
}
