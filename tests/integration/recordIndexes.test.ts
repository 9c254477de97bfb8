import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { listRecords, type ListRecordsInput } from '../../src/lib/server/records/listRecords.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const rows = Number(process.env.RECORD_ROWS ?? 20_000);

/** Leads with names, addresses and times spread over a year, made by one statement. */
async function fill(db: TestDatabase, actor: Actor): Promise<void> {
	await db.admin.execute(sql`
		insert into records (org_id, id, module_id, name, owner_id, data, search, created_at, modified_at)
		select ${actor.orgId}::uuid, app.new_id(), m.id, 'Lead ' || md5(i::text), ${actor.userId}::uuid,
			jsonb_build_object('lastName', 'L' || i, 'email', i || '@x.example'), 'lead ' || md5(i::text) || ' ' || i || '@x.example',
			now() - make_interval(mins => i), now() - make_interval(mins => i)
		from generate_series(1, ${rows}::int) i, modules m where m.org_id = ${actor.orgId}::uuid and m.key = 'leads'`);
	await db.admin.execute(sql`vacuum analyze records`);
}

/** What a statement of the web role read from `records`: whole-table scans, and rows by way of an index. */
async function readsOf<T>(
	tx: OrgTx,
	fn: () => Promise<T>
): Promise<{ result: T; scans: number; rows: number }> {
	const stats = async () => {
		const [row] = await tx.execute<{ scans: number; rows: number }>(sql`
			select seq_scan::int as scans, (idx_tup_fetch + seq_tup_read)::int as rows
			from pg_stat_xact_user_tables where relname = 'records'`);
		return row!;
	};
	const before = await stats();
	const result = await fn();
	const after = await stats();
	return { result, scans: after.scans - before.scans, rows: after.rows - before.rows };
}

test(
	'CRM-7: first page, page 100 and search read a page of rows, not the module',
	{ timeout: 120_000 },
	async ({ db }) => {
		const actor = await makeOrg(db);
		await fill(db, actor);
		const seller = await makeUser(db, actor.orgId, rep, 'Sam Seller');
		const page = (who: Actor, input: Partial<ListRecordsInput>) =>
			withOrg(db.web, actor.orgId, (tx) =>
				readsOf(tx, () => listRecords(tx, who, { moduleKey: 'leads', limit: 50, ...input }))
			);
		for (const field of ['createdAt', 'modifiedAt', 'name'])
			for (const direction of ['asc', 'desc'] as const) {
				const sort = { field, direction };
				let cursor: string | null = null;
				for (let n = 1; n <= 100; n += 1) {
					const read: Awaited<ReturnType<typeof page>> = await page(actor, { sort, cursor });
					cursor = read.result.nextCursor;
					if (n > 1 && n < 100) continue;
					expect(read, `${field} ${direction}, page ${n}, ${read.rows}`).toMatchObject({ scans: 0 });
					expect(read.rows, `${field} ${direction}, page ${n}`).toBeLessThan(200);
				}
			}
		const byPart = await page(actor, { search: '19999@' });
		expect(byPart.result.rows.length).toBeGreaterThan(0);
		expect(byPart.scans).toBe(0);
		// The newest thousand are looked at first, to tell a rare text from a common one.
		expect(byPart.rows).toBeLessThan(1500);
		const byStart = await page(actor, { search: 'le', sort: { field: 'name', direction: 'asc' } });
		expect(byStart.result.rows).toHaveLength(50);
		expect(byStart).toMatchObject({ scans: 0 });
		expect(byStart.rows).toBeLessThan(200);
		const common = await page(actor, { search: 'example' });
		expect(common.result.rows).toHaveLength(50);
		expect(common).toMatchObject({ scans: 0 });
		expect(common.rows).toBeLessThan(2000);
		const criteria = { field: 'email', op: 'contains', value: '@x' } as const;
		const filtered = await page(actor, { criteria, sort: { field: 'modifiedAt', direction: 'desc' } });
		expect(filtered.result.rows).toHaveLength(50);
		expect(filtered).toMatchObject({ scans: 0 });
		expect(filtered.rows).toBeLessThan(200);
		const own = await page(seller, {});
		expect(own.result.rows).toHaveLength(0);
		expect(own).toMatchObject({ scans: 0 });
		expect(own.rows).toBeLessThan(50);
	}
);
