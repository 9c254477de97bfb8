import { sql } from 'drizzle-orm';
import { describe, expect, test } from '../support/db.ts';

describe('the database of a test', () => {
	test('is migrated, and its web role is bound by row level security', async ({ db }) => {
		const rows = await db.web.execute(sql`
			select rolsuper, rolbypassrls, pg_get_userbyid(c.relowner) as owner
			from pg_roles r, pg_class c where r.rolname = current_user and c.oid = 'public.users'::regclass`);
		expect(rows[0]).toEqual({ rolsuper: false, rolbypassrls: false, owner: 'app_owner' });
	});

	test('speaks UTC in every session', async ({ db }) => {
		for (const handle of [db.web, db.worker, db.owner]) {
			const rows = await handle.execute(sql`show timezone`);
			expect(rows[0]).toEqual({ TimeZone: 'UTC' });
		}
	});

	test('lets only the owner of the queue read its tables', async ({ db }) => {
		await expect(db.web.execute(sql`select * from graphile_worker._private_jobs`)).rejects.toThrow();
		const rows = await db.worker.execute(sql`select count(*)::int as n from graphile_worker._private_jobs`);
		expect(rows[0]).toEqual({ n: 0 });
	});
});
