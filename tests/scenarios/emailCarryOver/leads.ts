import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

export const leadsPath = fileURLToPath(new URL('../../../../shared/data/leads.csv', import.meta.url));

export type Lead = { number: string; email: string; outcome: 'mailed' | 'optedOut' | 'unusable' };

/** The first real leads, as a file of their own, up to the one that makes `mailable` who get a mail (EXE-4, EXE-5). */
export async function readLeads(mailable: number) {
	const rows: Record<string, string>[] = parse(await readFile(leadsPath), { columns: true, bom: true });
	const leads: Lead[] = [];
	const count = (outcome: Lead['outcome']) => leads.filter((lead) => lead.outcome === outcome).length;
	for (let left = mailable; left > 0;) {
		const row = rows[leads.length];
		if (!row) throw new Error(`The file has fewer than ${mailable} leads with an address.`);
		const lead = leadOf(row);
		leads.push(lead);
		if (lead.outcome === 'mailed') left--;
	}
	const csv = Buffer.from(stringify(rows.slice(0, leads.length), { header: true }));
	return { csv, leads, mailable, optedOut: count('optedOut'), unusable: count('unusable') };
}

function leadOf(row: Record<string, string>): Lead {
	const email = (row['Email'] ?? '').trim().toLowerCase();
	const number = (row['Lead Number'] ?? '').trim();
	if (row['Do Not Email'] === 'Yes') return { number, email, outcome: 'optedOut' };
	const usable = /^[^@\s]+@[^@\s]+\.[a-z]{2,}$/.test(email);
	return { number, email, outcome: usable ? 'mailed' : 'unusable' };
}
