import { sql } from 'drizzle-orm';
import { getConfig } from '../config.ts';
import type { Db } from './client.ts';

/**
 * DESIGN.md 4: refuses to serve with a login that row level security does not bind, or on a database that may forget
 * what it has confirmed (RELIABILITY.md 2.1).
 */
export async function assertSafeLogin(db: Db): Promise<void> {
	const [row] = await db.execute<{
		role: string;
		super: boolean;
		bypass: boolean;
		owns: number;
		lossy: string[];
	}>(sql`
		select current_user as role, r.rolsuper as super, r.rolbypassrls as bypass,
			(select count(*)::int from pg_class c where c.relnamespace = 'public'::regnamespace and c.relowner = r.oid) as owns,
			to_jsonb(array(select name from pg_settings
				where (name in ('fsync', 'full_page_writes') and setting = 'off')
					or (name = 'synchronous_commit' and setting = 'off'))) as lossy
		from pg_roles r where r.rolname = current_user`);
	if (!row) throw new Error('The database does not know its own user.');
	if (row.super || row.bypass || row.owns > 0) {
		const why = row.super ? 'is a superuser' : row.bypass ? 'has BYPASSRLS' : 'owns tables';
		throw new Error(
			`DATABASE_URL signs in as ${row.role}, which ${why}: one organization could read another's data. Use a role that only has the grants of app_web.`
		);
	}
	if (row.lossy.length && !getConfig().ALLOW_LOSSY_DATABASE) {
		throw new Error(
			`PostgreSQL runs with ${row.lossy.join(', ')} off and may lose confirmed work. Switch it on, or set ALLOW_LOSSY_DATABASE=true for tests.`
		);
	}
}
