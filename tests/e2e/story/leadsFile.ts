import { readFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Real input, beside the project. */
export const leadsFile = fileURLToPath(new URL('../../../../shared/data/leads.csv', import.meta.url));

export interface Lead {
	number: string;
	email: string;
	phone: string;
	doNotEmail: boolean;
	doNotCall: boolean;
	/** What the first e-mail of a cadence must do with it, by the CSV alone. */
	fate: 'mailed' | 'skipped' | 'blank' | 'malformed';
	hasPhone: boolean;
}

const occupation = 'What is your current occupation';

/** The leads of the file whose occupation is "Unemployed", and what must become of each, without asking the product. */
export function unemployedLeads(): { total: number; leads: Lead[] } {
	if (!existsSync(leadsFile)) throw new Error(`The real input is missing: ${leadsFile}`);
	const rows: Record<string, string>[] = parse(readFileSync(leadsFile), { columns: true, bom: true });
	const leads = rows
		.filter((row) => row[occupation] === 'Unemployed')
		.map((row) => {
			const email = (row.Email ?? '').trim();
			const doNotEmail = row['Do Not Email'] === 'Yes';
			return {
				number: row['Lead Number'] ?? '',
				email,
				phone: (row.Phone ?? '').trim(),
				doNotEmail,
				doNotCall: row['Do Not Call'] === 'Yes',
				fate: doNotEmail
					? 'skipped'
					: !email
						? 'blank'
						: /@[^@]+\.[a-z]{2,}$/i.test(email)
							? 'mailed'
							: 'malformed',
				hasPhone: parsePhoneNumberFromString(row.Phone ?? '')?.isPossible() ?? false
			} satisfies Lead;
		});
	return { total: rows.length, leads };
}
