import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { inject } from 'vitest';
import { migrateDatabase } from '../../src/lib/server/db/bootstrap.ts';
import { assertSafeLogin } from '../../src/lib/server/db/checkLogin.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { users } from '../../src/lib/server/db/schema/accounts.ts';
import { migrateQueue } from '../../worker/migrate.ts';
import { urlsOf } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import { makeOrg } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';

describe('row level security', () => {
	test('S2: is enabled and forced on every table that belongs to an organization', async ({ db }) => {
		const open = await db.admin.execute<{ name: string }>(sql`
			select c.relname as name from pg_class c
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
				and (c.relname = 'organizations' or exists (select 1 from pg_attribute a
					where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped))
				and not (c.relrowsecurity and c.relforcerowsecurity)`);
		// Sessions are looked up before an organization is known: by the hash of 32 random bytes.
		expect(open.map((row) => row.name)).toEqual(['sessions']);
	});

	test('S2: shows and takes nothing without an organization, and nothing of another one', async ({ db }) => {
		const own = await makeOrg(db);
		const foreign = await makeOrg(db);
		const tables = await db.admin.execute<{ name: string }>(sql`
			select distinct c.relname as name from pg_class c
			join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
				and c.relrowsecurity and has_table_privilege('app_web', c.oid, 'select')`);
		expect(tables.length).toBeGreaterThan(20);
		for (const { name } of tables) {
			const rows = await db.web.execute(sql`select 1 from ${sql.identifier(name)} limit 1`);
			expect(rows, name).toHaveLength(0);
			const strange = await withOrg(db.web, own.orgId, (tx) =>
				tx.execute(sql`select 1 from ${sql.identifier(name)} where org_id <> ${own.orgId} limit 1`)
			);
			expect(strange, name).toHaveLength(0);
		}
		const moved = withOrg(db.web, own.orgId, (tx) => tx.update(users).set({ orgId: foreign.orgId }));
		await expect(moved).rejects.toThrow();
	});

	test('S2: no role but the owner may reach a partition past its parent', async ({ db }) => {
		const rows = await db.admin.execute<{ name: string }>(sql`
			select c.relname as name from pg_class c, unnest(array['app_web', 'app_worker']) as role
			where c.relispartition and c.relnamespace = 'public'::regnamespace and has_table_privilege(role, c.oid, 'select')`);
		expect(rows.map((row) => row.name)).toEqual([]);
	});
});

describe('the login of the web process', () => {
	test('S2: is refused when row level security would not bind it', async ({ db }) => {
		useConfig(db.urls);
		await expect(assertSafeLogin(db.owner)).rejects.toThrow(/app_owner, which owns tables/);
		await expect(assertSafeLogin(db.admin)).rejects.toThrow(/postgres, which is a superuser/);
		await expect(assertSafeLogin(db.web)).resolves.toBeUndefined();
	});

	test('is refused on a database that may forget what it has confirmed', async ({ db }) => {
		useConfig(db.urls, { ALLOW_LOSSY_DATABASE: 'false' });
		await expect(assertSafeLogin(db.web)).rejects.toThrow(/fsync.*off and may lose confirmed work/);
	});
});

test('OPS-2: several processes may migrate one empty database at once', async () => {
	const control = postgres(inject('adminUrl'), { max: 1, onnotice: () => undefined });
	const urls = urlsOf(inject('port'), 'migrated_by_three');
	await control`create database migrated_by_three owner app_owner`;
	try {
		await Promise.all([1, 2, 3].map(() => migrateDatabase(urls, migrateQueue)));
		await migrateDatabase(urls, migrateQueue);
		const web = postgres(urls.web, { max: 1 });
		const [row] = await web`select count(*)::int as n from users`;
		await web.end();
		expect(row?.n).toBe(0);
	} finally {
		await control`drop database migrated_by_three with (force)`;
		await control.end();
	}
});
