import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { createDb, withOrg } from '../../src/lib/server/db/client.ts';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { cloneCadence } from '../../src/lib/server/cadences/cloneCadence.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { deleteCadence } from '../../src/lib/server/cadences/deleteCadence.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { makeCadence } from '../support/cadences.ts';
import { makeOrg } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

const attempts = 200;

async function withLimits(db: TestDatabase, limits: { edition?: string; addOns?: number }): Promise<Actor> {
	const actor = await makeOrg(db);
	await db.admin.execute(sql`update organizations set edition = ${limits.edition ?? 'standard'},
		add_ons = ${limits.addOns ?? 0} where id = ${actor.orgId}`);
	return actor;
}
const create = (name: string, moduleKey = 'leads') => ({
	name,
	moduleKey,
	enrollment: { kind: 'manual' as const }
});
const countOf = async (db: TestDatabase, actor: Actor, state?: string) => {
	const rows = await db.admin.execute<{ n: number }>(sql`select count(*)::int as n from cadences
		where org_id = ${actor.orgId} and deleted_at is null and (${state ?? null}::text is null or state = ${state ?? null})`);
	return rows[0]!.n;
};
const tally = (results: PromiseSettledResult<unknown>[]) => ({
	done: results.filter((result) => result.status === 'fulfilled').length,
	codes: [
		...new Set(
			results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason.code)] : []))
		)
	]
});

describe('limits of the edition', () => {
	test('LIM-3: E14: 200 parallel creations stop at exactly 20', { timeout: 60_000 }, async ({ db }) => {
		const actor = await withLimits(db, {});
		const pool = createDb(db.urls.web, { name: 'test-limits', max: 16 });
		try {
			const results = await Promise.allSettled(
				Array.from({ length: attempts }, (_, i) =>
					withOrg(pool, actor.orgId, (tx) => createCadence(tx, actor, create(`C ${i}`)))
				)
			);
			expect(tally(results)).toEqual({ done: 20, codes: ['limit'] });
			expect(await countOf(db, actor)).toBe(20);
		} finally {
			await pool.$client.end();
		}
	});

	test(
		'LIM-3: E14: 200 parallel activations of one free slot let exactly one through',
		{ timeout: 60_000 },
		async ({ db }) => {
			const actor = await withLimits(db, { edition: 'professional' });
			const ids = await withOrg(db.web, actor.orgId, async (tx) => {
				const made: string[] = [];
				for (let i = 0; i < 40; i++) {
					const id = await makeCadence(tx, actor, `C ${i}`);
					await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null, activate: i < 19 });
					made.push(id);
				}
				return made.slice(19);
			});
			const pool = createDb(db.urls.web, { name: 'test-limits', max: 16 });
			try {
				const results = await Promise.allSettled(
					Array.from({ length: attempts }, (_, i) =>
						withOrg(pool, actor.orgId, (tx) =>
							activateCadence(tx, actor, { cadenceId: ids[i % ids.length]! })
						)
					)
				);
				// Attempts on the winner's own cadence find it active and change nothing.
				expect(tally(results).codes).toEqual(['limit']);
				expect(await countOf(db, actor, 'active')).toBe(20);
			} finally {
				await pool.$client.end();
			}
		}
	);

	test('LIM-3: a clone needs a free slot too, and the message names limit, use and remedy', async ({
		db
	}) => {
		const actor = await withLimits(db, {});
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'Origin');
			for (let i = 1; i < 20; i++) await createCadence(tx, actor, create(`C ${i}`));
			await expect(cloneCadence(tx, actor, { cadenceId: id })).rejects.toMatchObject({
				code: 'limit',
				message: expect.stringMatching(/20 of 20.*Subscription/),
				details: { limit: 20, used: 20 }
			});
		});
	});

	test('LIM-1: counted per module, drafts included; deleting frees the slot and the name', async ({ db }) => {
		const actor = await withLimits(db, {});
		await withOrg(db.web, actor.orgId, async (tx) => {
			const ids: string[] = [];
			for (let i = 0; i < 20; i++) ids.push((await createCadence(tx, actor, create(`C ${i}`))).id);
			await createCadence(tx, actor, create('Deals', 'deals'));
			await expect(createCadence(tx, actor, create('One more'))).rejects.toMatchObject({ code: 'limit' });
			expect(await deleteCadence(tx, actor, { cadenceId: ids[3]! })).toEqual({ unenrolled: 0 });
			await createCadence(tx, actor, create('c 3'));
		});
	});

	test('LIM-2: Standard and 20 add-ons create 40 and activate 30', async ({ db }) => {
		const actor = await withLimits(db, { addOns: 20 });
		await withOrg(db.web, actor.orgId, async (tx) => {
			for (let i = 0; i < 40; i++) {
				const id = await makeCadence(tx, actor, `C ${i}`);
				await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null, atLimit: 'inactive' });
			}
			await expect(createCadence(tx, actor, create('One more'))).rejects.toThrow('40 of 40');
		});
		expect([await countOf(db, actor, 'active'), await countOf(db, actor, 'inactive')]).toEqual([30, 10]);
	});

	test('VER-2: at the active limit a first publish stores nothing, or goes inactive when asked', async ({
		db
	}) => {
		const actor = await withLimits(db, {});
		await withOrg(db.web, actor.orgId, async (tx) => {
			for (let i = 0; i < 10; i++) {
				const id = await makeCadence(tx, actor, `C ${i}`);
				await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
			}
			const id = await makeCadence(tx, actor, 'Eleventh');
			const publish = (atLimit: 'refuse' | 'inactive') =>
				publishCadence(tx, actor, { cadenceId: id, expectedVersion: null, atLimit });
			await expect(publish('refuse')).rejects.toMatchObject({ code: 'limit' });
			expect(await publish('inactive')).toMatchObject({ n: 1, state: 'inactive' });
			await expect(activateCadence(tx, actor, { cadenceId: id })).rejects.toThrow('10 of 10');
		});
	});

	test('LIM-5: after a downgrade nothing is switched off, but nothing more is activated', async ({ db }) => {
		const actor = await withLimits(db, { edition: 'professional' });
		const ids = await withOrg(db.web, actor.orgId, async (tx) => {
			const made: string[] = [];
			for (let i = 0; i < 12; i++) {
				const id = await makeCadence(tx, actor, `C ${i}`);
				await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
				made.push(id);
			}
			return made;
		});
		await db.admin.execute(sql`update organizations set edition = 'standard' where id = ${actor.orgId}`);
		expect(await countOf(db, actor, 'active')).toBe(12);
		await withOrg(db.web, actor.orgId, async (tx) => {
			await deactivateCadence(tx, actor, { cadenceId: ids[0]! });
			await expect(activateCadence(tx, actor, { cadenceId: ids[0]! })).rejects.toThrow('11 of 10');
			for (const cadenceId of ids.slice(1, 3)) await deactivateCadence(tx, actor, { cadenceId });
			await activateCadence(tx, actor, { cadenceId: ids[0]! });
		});
		expect(await countOf(db, actor, 'active')).toBe(10);
	});

	test('CAD-6: an active cadence is not deleted', async ({ db }) => {
		const actor = await withLimits(db, {});
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
			await expect(deleteCadence(tx, actor, { cadenceId: id })).rejects.toMatchObject({ code: 'in_use' });
			await deactivateCadence(tx, actor, { cadenceId: id });
			await deleteCadence(tx, actor, { cadenceId: id });
			await expect(activateCadence(tx, actor, { cadenceId: id })).rejects.toMatchObject({
				code: 'not_found'
			});
		});
	});
});
