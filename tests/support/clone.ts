import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { createDb, type Db } from '../../src/lib/server/db/client.ts';
import { templateName, urlsOf } from './cluster.ts';

export interface TestDatabase {
	name: string;
	urls: DatabaseUrls;
	/** Bound by row level security: use withOrg(db.web, orgId, ...). */
	web: Db;
	worker: Db;
	/** Owns the tables, but is bound by forced row level security too. */
	owner: Db;
	/** Superuser on this database: sees and seeds everything. */
	admin: Db;
}

export interface ClonedDatabase extends TestDatabase {
	/** Ends the four pools, fails on connections that somebody else left open, and drops the clone. */
	drop: () => Promise<void>;
}

/** A migrated database of its own (about 0.1 s). */
export async function cloneDatabase(adminUrl: string, port: number): Promise<ClonedDatabase> {
	const name = `t_${randomBytes(6).toString('hex')}`;
	const control = postgres(adminUrl, { max: 1, onnotice: () => undefined });
	await control.unsafe(`create database ${name} template ${templateName} strategy file_copy owner app_owner`);
	const urls = urlsOf(port, name);
	const admin = new URL(adminUrl);
	admin.pathname = `/${name}`;
	const pool = (url: string, label: string, statementTimeoutMs?: number) =>
		createDb(url, { name: `test-${label}`, max: 5, statementTimeoutMs });
	const database: TestDatabase = {
		name,
		urls,
		web: pool(urls.web, 'web'),
		worker: pool(urls.worker, 'worker'),
		owner: pool(urls.owner, 'owner'),
		// Builds whatever a test stands on, a million rows and their indexes too.
		admin: pool(admin.href, 'admin', 0)
	};
	const drop = async () => {
		const own = [database.web, database.worker, database.owner, database.admin];
		await Promise.all(own.map((db) => db.$client.end({ timeout: 2 })));
		const left = await remainingSessions(control, name);
		await control.unsafe(`drop database ${name} with (force)`);
		await control.end();
		if (left.length)
			throw new Error(`Left open on the test database: ${left.join(', ')}. End every pool and worker.`);
	};
	return { ...database, drop };
}

/** Sessions that are still there after a grace time (a closing socket needs a moment). */
async function remainingSessions(control: postgres.Sql, name: string): Promise<string[]> {
	for (let attempt = 0; ; attempt++) {
		const rows = await control<{ who: string }[]>`
			select coalesce(nullif(application_name, ''), usename) || ': ' || left(query, 80) as who
			from pg_stat_activity where datname = ${name} and backend_type = 'client backend'`;
		if (!rows.length || attempt === 20) return rows.map((row) => row.who);
		await new Promise((done) => setTimeout(done, 50));
	}
}
