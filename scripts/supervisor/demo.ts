import postgres from 'postgres';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { seedDemo } from '../../src/lib/server/demo/seedDemo.ts';
import { demoSignIns, type DemoSignIn } from '../../src/lib/server/demo/signIns.ts';

/** Fills an empty database with the demo organization; returns the demo's sign-ins that still exist. */
export async function ensureDemo(urls: DatabaseUrls, say: (line: string) => void): Promise<DemoSignIn[]> {
	const sql = postgres(urls.owner, { max: 1, onnotice: () => undefined });
	try {
		const [row] = await sql<{ empty: boolean }[]>`select not exists (select 1 from organizations) as empty`;
		if (row?.empty) {
			say('Filling the empty database with the demo organization ...');
			await seedDemo(urls);
		}
		const users = await sql<{ email: string }[]>`select email from users where active`;
		const known = new Set(users.map((user) => user.email));
		return demoSignIns.filter((signIn) => known.has(signIn.email));
	} finally {
		await sql.end();
	}
}
