import { sql } from 'drizzle-orm';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { deleteSession } from '../../src/lib/server/auth/sessions.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { openPage, openRaw, startCollab, testOrigin, until } from '../support/collabServer.ts';
import { createWorld, profiles, type World, type WorldUser } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

/** Ways to lose the right to edit, each as the product does it. */
const revocations: Record<string, (db: TestDatabase, world: World, user: WorldUser) => Promise<unknown>> = {
	'the profile loses MANAGE': (db, world, { profileId }) =>
		withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update profiles set permissions = ${JSON.stringify(profiles.viewer)}::jsonb
				where id = ${profileId}`)
		),
	'the profile loses VIEW': (db, world, { profileId }) =>
		withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update profiles set permissions = ${JSON.stringify(profiles.outsider)}::jsonb
				where id = ${profileId}`)
		),
	'the user signs out': (db, _world, { sessionId }) => deleteSession(db.web, sessionId),
	'the user is switched off': (db, world, { userId }) =>
		withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update users set active = false where id = ${userId}`)
		)
};

describe('who may open a socket', () => {
	test('Y3: only an own page with a live session, the right organization and permission gets in', async ({
		db
	}) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const stranger = await (await createWorld(db)).addUser('Stranger', 'editor');
		const editor = await world.addUser('Editor', 'editor');
		const viewer = await world.addUser('Viewer', 'viewer');
		const outsider = await world.addUser('Outsider', 'outsider');
		const expired = await world.addUser('Expired', 'editor');
		const signedOut = await world.addUser('Signed out', 'editor');
		const inactive = await world.addUser('Inactive', 'editor');
		await deleteSession(db.web, signedOut.sessionId);
		await db.admin.execute(
			sql`update sessions set expires_at = now() - interval '1 s' where user_id = ${expired.userId}`
		);
		await db.admin.execute(sql`update users set active = false where id = ${inactive.userId}`);
		const cadenceId = await world.addCadence();
		const deletedId = await world.addCadence();
		await db.admin.execute(sql`update cadences set deleted_at = now() where id = ${deletedId}`);
		const server = await startCollab(db.urls.web);

		const origins: [string | undefined, boolean][] = [
			[testOrigin, true],
			[undefined, false],
			['null', false],
			['http://evil.test', false],
			[`${testOrigin}.evil.test`, false],
			[`${testOrigin}:80`, false],
			[testOrigin.replace('http:', 'https:'), false],
			[testOrigin.toUpperCase(), false]
		];
		const people: [string | undefined, number][] = [
			[editor.cookie, 0],
			[viewer.cookie, 0],
			[outsider.cookie, 4403],
			[stranger.cookie, 4404],
			[expired.cookie, 4401],
			[signedOut.cookie, 4401],
			[inactive.cookie, 4401],
			[undefined, 4401],
			['session=', 4401],
			[`session=${'A'.repeat(43)}`, 4401],
			[`other=${editor.cookie}`, 4401]
		];
		const wrong: string[] = [];
		let tried = 0;
		const attempt = async (
			expected: number,
			path: { cadenceId: string; query?: string },
			origin: string | undefined,
			cookie: string | undefined
		) => {
			tried++;
			const headers = { ...(origin !== undefined && { origin }), ...(cookie !== undefined && { cookie }) };
			const socket = openRaw({ port: server.port, cadenceId: path.cadenceId }, headers, path.query);
			const first = new Promise<number>((done) => socket.ws.once('message', () => done(0)));
			const got = await Promise.race([socket.closed, first]);
			if (got !== expected || (expected !== 0 && socket.received.length))
				wrong.push(`${origin} ${cookie} ${JSON.stringify(path)}: ${got}, not ${expected}`);
			socket.ws.terminate();
		};
		for (const [origin, isOwn] of origins)
			for (const [cookie, code] of people) await attempt(isOwn ? code : 403, { cadenceId }, origin, cookie);
		const paths: [number, { cadenceId: string; query?: string }][] = [
			[4404, { cadenceId: newId() }],
			[4404, { cadenceId: deletedId }],
			[4409, { cadenceId, query: 'generation=2' }],
			[4409, { cadenceId, query: 'generation=0' }],
			[404, { cadenceId, query: '' }],
			[404, { cadenceId, query: 'generation=1%20' }],
			[404, { cadenceId, query: 'generation=1&client=x' }],
			[404, { cadenceId: `${cadenceId}/..` }],
			[404, { cadenceId: "x' or '1'='1" }]
		];
		for (const [code, path] of paths) await attempt(code, path, testOrigin, editor.cookie);
		expect(wrong).toEqual([]);
		expect(tried).toBeGreaterThan(90);
		await server.close();
		expect(server.errors).toEqual([]);
	});

	test('Y3: a slow sign-in check is given up, and nobody opens sockets without end', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const server = await startCollab(db.urls.web, { limits: { upgradeMs: 300, socketsPerUser: 2 } });
		const open = () => openRaw({ port: server.port, cadenceId }, { cookie: ann.cookie, origin: testOrigin });
		const [one, two] = [open(), open()];
		await Promise.all([one.opened, two.opened]);
		expect(await open().closed).toBe(4429);
		one.ws.terminate();
		two.ws.terminate();
		const slow = await db.admin.transaction(async (tx) => {
			await tx.execute(sql`lock table sessions in access exclusive mode`);
			return open().closed;
		});
		expect(slow).toBe(503);
		await server.close();
	});
});

describe('revocation', () => {
	for (const useNotify of [true, false]) {
		test(`Y5: whoever loses a right is closed ${useNotify ? 'at once' : 'by the poll when NOTIFY is lost'}`, async ({
			db
		}) => {
			useConfig(db.urls);
			const world = await createWorld(db);
			const server = await startCollab(db.urls.web, { useNotify, pollMs: useNotify ? 60_000 : 200 });
			for (const [name, revoke] of Object.entries(revocations)) {
				const cadenceId = await world.addCadence();
				const user = await world.addUser(name, 'editor');
				const page = openPage({ port: server.port, cadenceId }, user);
				await page.saved();
				await revoke(db, world, user);
				await until(() => page.state.status === 'closed', 2_000);
				expect([4401, 4403], name).toContain((page.state as { code: number }).code);
				page.destroy();
			}
			await server.close();
			expect(server.errors).toEqual([]);
		});
	}

	test('Y5: no edit is stored after the revocation was committed, though the server was not told', async ({
		db
	}) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const server = await startCollab(db.urls.web, { useNotify: false, pollMs: 600_000 });
		for (const [name, revoke] of Object.entries(revocations)) {
			const cadenceId = await world.addCadence();
			const user = await world.addUser(name, 'editor');
			const page = openPage({ port: server.port, cadenceId }, user);
			await page.saved();
			let writing = true;
			const writer = (async () => {
				while (writing) {
					addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
					await new Promise((done) => setTimeout(done, 1));
				}
			})();
			const stored = async () => {
				const [row] = await db.admin.execute<{ n: number }>(
					sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
				);
				return row!.n;
			};
			await until(async () => (await stored()) > 5);
			await revoke(db, world, user);
			const atCommit = await stored();
			await until(() => page.state.status === 'closed');
			writing = false;
			await writer;
			expect(await stored(), name).toBe(atCommit);
			expect(page.state.unsaved, name).toBeGreaterThan(0);
			page.destroy();
		}
		await server.close();
		expect(server.errors).toEqual([]);
	});

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
