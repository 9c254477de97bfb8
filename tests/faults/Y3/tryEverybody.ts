import { sql } from 'drizzle-orm';
import { deleteSession } from '../../../src/lib/server/auth/sessions.ts';
import { newId } from '../../../src/lib/server/db/id.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openRaw, startCollab, testOrigin } from '../../support/collabServer.ts';
import { createWorld } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';

/** Every kind of person from every kind of page, and every kind of path: who got another answer than the right one. */
export async function tryEverybody(
	db: TestDatabase
): Promise<{ tried: number; wrong: string[]; errors: number }> {
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
	await server.close();
	return { tried, wrong, errors: server.errors.length };
}
