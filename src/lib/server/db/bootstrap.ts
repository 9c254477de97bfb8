import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/**
 * The three logins of one database. The owner migrates; the web login neither owns tables nor passes by row level
 * security; the worker has policies of its own (DESIGN.md 4, RELIABILITY.md 4).
 */
export interface DatabaseUrls {
	owner: string;
	web: string;
	worker: string;
}

/** Names of the two restricted roles; policies and grants in drizzle/ name them. */
export const webRole = 'app_web';
export const workerRole = 'app_worker';
export const ownerRole = 'app_owner';

/** Any constant will do, as long as every migrating process uses the same one. */
const MIGRATION_LOCK = 7_261_940_311;
const migrationsFolder = fileURLToPath(new URL('../../../../drizzle', import.meta.url));

const connect = (url: string) => postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 10 });
const loginOf = (url: string) => {
	const { username, password, pathname } = new URL(url);
	return {
		role: decodeURIComponent(username),
		password: decodeURIComponent(password),
		database: decodeURIComponent(pathname.slice(1))
	};
};

/**
 * Creates what migrations cannot: the cluster-wide roles and the database. `adminUrl` is a superuser of the embedded
 * cluster; an own PostgreSQL gets these from its administrator (README). May be repeated.
 */
export async function bootstrapDatabase(adminUrl: string, urls: DatabaseUrls): Promise<void> {
	const sql = connect(adminUrl);
	try {
		for (const login of [loginOf(urls.owner), loginOf(urls.web), loginOf(urls.worker)]) {
			const found = await sql`select 1 from pg_roles where rolname = ${login.role}`;
			const verb = found.length ? 'alter' : 'create';
			// Statements that define roles take no parameters; the server quotes for us.
			const [row] = await sql<{ statement: string }[]>`
				select format('%s role %I login nosuperuser nobypassrls nocreatedb nocreaterole password %L',
					${verb}::text, ${login.role}::text, ${login.password}::text) as statement`;
			await sql.unsafe(row!.statement);
		}
		// The owner hands jobs.enqueue over to the worker role, which takes membership.
		await sql.unsafe(`grant ${workerRole} to ${ownerRole}`);
		const { database, role } = loginOf(urls.owner);
		const exists = await sql`select 1 from pg_database where datname = ${database}`;
		if (!exists.length) {
			const [row] = await sql<{ statement: string }[]>`
				select format('create database %I owner %I', ${database}::text, ${role}::text) as statement`;
			await sql.unsafe(row!.statement);
		}
	} finally {
		await sql.end();
	}
}

/**
 * Brings queue and tables to this version; current ones are left alone (a few ms). Safe when several processes do
 * it at once. `migrateQueue` runs the queue's own migrations with the worker's login (worker/migrate.ts).
 */
export async function migrateDatabase(
	urls: DatabaseUrls,
	migrateQueue: (workerUrl: string) => Promise<void>
): Promise<void> {
	const sql = connect(urls.owner);
	try {
		await requireRoles(sql);
		await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
		const [db] = await sql<{ name: string }[]>`select quote_ident(current_database()) as name`;
		// The queue's tables have row level security without a policy, so only their owner can use them: the worker
		// must create them itself, and "create schema if not exists" asks for CREATE even when the schema exists.
		await sql.unsafe(`grant create on database ${db!.name} to ${workerRole}`);
		try {
			await migrateQueue(urls.worker);
		} finally {
			await sql.unsafe(`revoke create on database ${db!.name} from ${workerRole}`);
		}
		await migrate(drizzle(sql, { casing: 'snake_case' }), { migrationsFolder });
	} finally {
		await sql.end();
	}
}

/** Policies and grants name the roles: on somebody's own PostgreSQL its administrator makes them. */
async function requireRoles(sql: postgres.Sql): Promise<void> {
	const rows = await sql<{ role: string }[]>`
		select role from unnest(${[webRole, workerRole]}::text[]) as role
		where not exists (select 1 from pg_roles where rolname = role)`;
	if (!rows.length) return;
	const missing = rows.map((row) => row.role);
	throw new Error(
		`The PostgreSQL of DATABASE_MIGRATE_URL lacks the role ${missing.join(' and ')}. As its administrator: ${missing
			.map((role) => `create role ${role} login password '...';`)
			.join(' ')} grant ${workerRole} to ${ownerRole};`
	);
}
