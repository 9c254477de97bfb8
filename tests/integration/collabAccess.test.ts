import { sql } from 'drizzle-orm';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { crowdTheDoor } from '../faults/Y3/crowdTheDoor.ts';
import { tryEverybody } from '../faults/Y3/tryEverybody.ts';
import { revokeWhileWriting } from '../faults/Y5/revoke.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { createWorld, profiles } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test } from '../support/db.ts';

describe('who may open a socket', () => {
	test('Y3: only an own page with a live session, the right organization and permission gets in', async ({
		db
	}) => {
		const { tried, wrong, errors } = await tryEverybody(db);
		expect(wrong).toEqual([]);
		expect(tried).toBeGreaterThan(90);
		expect(errors).toBe(0);
	});

	test('Y3: a slow sign-in check is given up, and nobody opens sockets without end', async ({ db }) => {
		expect(await crowdTheDoor(db)).toEqual({ third: 4429, slow: 503 });
	});
});

describe('revocation', () => {
	for (const useNotify of [true, false]) {
		test(`Y5: whoever loses a right is out ${useNotify ? 'at once' : 'by the poll when NOTIFY is lost'}; nothing of theirs is stored after it`, async ({
			db
		}) => {
			const options = { trials: 10, atOnce: 5, useNotify, pollMs: useNotify ? 60_000 : 200 };
			const { slowestMs, storedBefore, ...figures } = await revokeWhileWriting(db, options);
			expect(figures).toEqual({ revocations: 10, storedAfter: 0, wrongCodes: 0, errors: 0 });
			expect(slowestMs).toBeLessThan(2_000);
			expect(storedBefore).toBeGreaterThan(10);
		});
	}

	test('Y5: a deleted cadence closes its sockets; a gained right works without reconnecting', async ({
		db
	}) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const server = await startCollab(db.urls.web);
		const cadenceId = await world.addCadence();
		const user = await world.addUser('Promoted', 'viewer');
		const page = openPage({ port: server.port, cadenceId }, user);
		await until(() => page.state.status === 'saving' || page.state.status === 'saved');
		await withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update profiles set permissions = ${JSON.stringify(profiles.editor)}::jsonb
				where id = ${user.profileId}`)
		);
		await until(async () => {
			addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
			await new Promise((done) => setTimeout(done, 50));
			const [row] = await db.admin.execute<{ n: number }>(
				sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
			);
			return row!.n > 1;
		});
		await withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update cadences set deleted_at = now() where id = ${cadenceId}`)
		);
		await until(() => page.state.status === 'closed');
		expect(page.state).toMatchObject({ code: 4404 });
		page.destroy();
		await server.close();
	});
});
