import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { seedDemo } from '../../src/lib/server/demo/seedDemo.ts';
import type { DemoWhatsapp } from '../../src/lib/server/demo/whatsapp.ts';
import { demoSignIns, type DemoSignIn } from '../../src/lib/server/demo/signIns.ts';

const markIn = (data: string) => join(data, 'demo-unfinished');

/** A start that was ended while it filled the demo leaves half of one: the next start begins with an empty database. */
export async function dropUnfinishedDemo(adminUrl: string, urls: DatabaseUrls, data: string): Promise<void> {
	if (!existsSync(markIn(data))) return;
	const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined });
	await sql`drop database if exists ${sql(new URL(urls.owner).pathname.slice(1))} with (force)`;
	await sql.end();
	await rm(markIn(data), { force: true });
}

/** Fills an empty database with the demo organization; returns the demo's sign-ins that still exist. */
export async function ensureDemo(
	urls: DatabaseUrls,
	data: string,
	whatsapp: DemoWhatsapp | null,
	say: (line: string) => void
): Promise<DemoSignIn[]> {
	const sql = postgres(urls.owner, { max: 1, onnotice: () => undefined });
	try {
		const [row] = await sql<{ empty: boolean }[]>`select not exists (select 1 from organizations) as empty`;
		if (row?.empty) {
			say('Filling the empty database with the demo organization ...');
			await writeFile(markIn(data), '');
			await seedDemo(urls, whatsapp);
			await rm(markIn(data), { force: true });
		}
		const users = await sql<{ email: string }[]>`select email from users where active`;
		const known = new Set(users.map((user) => user.email));
		return demoSignIns.filter((signIn) => known.has(signIn.email));
	} finally {
		await sql.end();
	}
}
