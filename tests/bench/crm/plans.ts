import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { withOrg, type Db, type OrgTx } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';

/** What PostgreSQL ran for one statement of the web's role: its text and its plan. */
type Plan = { query: string; plan: string };

/**
 * EXPLAIN of everything that `work` runs as the web does, row level security included: auto_explain tells each plan as a
 * notice, so that nothing is written twice to be explained.
 */
export async function explainAll(
	db: TestDatabase,
	orgId: string,
	work: (tx: OrgTx) => Promise<unknown>
): Promise<Plan[]> {
	const where = `in database ${db.name}`;
	await db.admin.$client.unsafe(`
		alter role app_web ${where} set session_preload_libraries = 'auto_explain';
		alter role app_web ${where} set auto_explain.log_min_duration = 0;
		alter role app_web ${where} set auto_explain.log_level = 'notice';
		alter role app_web ${where} set auto_explain.log_nested_statements = on`);
	const plans: Plan[] = [];
	const client = postgres(db.urls.web, {
		max: 1,
		onnotice: ({ message }) => {
			const [, query, plan] =
				/^duration: [\s\S]*?plan:\nQuery Text: ([\s\S]*?)\n(\S[\s\S]*)$/.exec(message ?? '') ?? [];
			if (query && plan) plans.push({ query, plan });
		}
	});
	try {
		const web = drizzle(client, { casing: 'snake_case' }) as Db;
		await withOrg(web, orgId, work);
	} finally {
		await client.end({ timeout: 5 });
		await db.admin.$client.unsafe(`alter role app_web ${where} reset all`);
	}
	return plans;
}

/** Names of the large tables that a plan reads as a whole. */
export const sequentialScans = (plans: readonly Plan[]): string[] =>
	plans.flatMap(({ plan }) =>
		[...plan.matchAll(/Seq Scan on (records|enrollments|audit_entries)\b/g)].map(([scan]) => scan)
	);

/** The plan of the statement that reads records, in short. */
export const nodesOf = (plans: readonly Plan[]): string =>
	plans
		.flatMap(({ plan }) => [
			...plan.matchAll(/((?:Index|Bitmap)[\w ]* Scan)[\w ]* (?:using|on) (records\w*)/g)
		])
		.map(([, node, index]) => `${node} ${index}`)
		.join(', ');
