import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../src/lib/collab/edits/moveNodes.ts';
import {
	answerMissing,
	askForMissing,
	awarenessMessage,
	updateMessage
} from '../../src/lib/server/collab/messages.ts';
import { asMessages, deleteUnknown, hijack, hostileDocuments, updateOf } from '../support/collabAttack.ts';
import { openPage, openRaw, startCollab, testOrigin, until } from '../support/collabServer.ts';
import { createWorld, type ProfileName } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import { liftedRates } from '../support/liftedRates.ts';

async function setUp(db: TestDatabase, others: ProfileName[] = []) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const users = [];
	for (const profile of others) users.push(await world.addUser(`A ${profile}`, profile));
	const cadenceId = await world.addCadence();
	const server = await startCollab(db.urls.web, { limits: liftedRates });
	const target = { port: server.port, cadenceId };
	const raw = (user: { cookie: string }, query?: string) =>
		openRaw(target, { cookie: user.cookie, origin: testOrigin }, query);
	const logLength = async () => {
		const [row] = await db.admin.execute<{ n: number }>(
			sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
		);
		return row!.n;
	};
	return { world, ann, users, cadenceId, server, target, raw, logLength };
}

describe('the gate', () => {
	test('Y4: a view-only socket changes nothing, and still receives', async ({ db }) => {
		const { ann, users, server, target, raw, logLength } = await setUp(db, ['viewer']);
		const page = openPage(target, ann);
		await page.saved();
		page.setPresence({ cursor: [1, 1] });
		const viewer = raw(users[0]!);
		await viewer.opened;
		viewer.ws.send(askForMissing(new Uint8Array([0])));
		const evil = updateOf((doc) => doc.getMap('settings').set('trackOpens', false));
		const spoof = awarenessMessage([
			{ clientId: page.doc.clientID, clock: 99, json: '{"cursor":[666,666]}' }
		]);
		for (let i = 0; i < 1000; i++) {
			viewer.ws.send(updateMessage(evil));
			viewer.ws.send(answerMissing(evil));
			viewer.ws.send(spoof);
		}
		const before = viewer.received.length;
		addAction(page.doc, { node: { kind: 'exit', position: [0, 0], reason: 'needle' } });
		await page.saved();
		await until(() => viewer.received.slice(before).some((data) => data.includes('needle')));
		expect(page.doc.getMap('settings').get('trackOpens')).toBe(true);
		expect(page.awareness.getLocalState()).toMatchObject({ cursor: [1, 1] });
		expect(viewer.received.some((data) => data.includes('666'))).toBe(false);
		expect(await logLength()).toBe(2);
		viewer.ws.terminate();
		page.destroy();
		await server.close();
	});

	test('Y6: malformed frames crash nothing and change nothing', async ({ db }) => {
		const { ann, server, raw, logLength } = await setUp(db);
		const valid = updateMessage(updateOf((doc) => doc.getMap('settings').set('trackOpens', false)));
		let seed = 42;
		const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
		const mutated = () => {
			const bytes = Buffer.from(valid);
			// The first bytes say what the message is; a flipped value could be a legal edit, so only structure is hit.
			for (let i = 0; i < 3; i++) bytes[Math.floor(random() * 12)] = Math.floor(random() * 256);
			return bytes;
		};
		const noise = () =>
			Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)));
		const before = process.memoryUsage().rss;
		for (let round = 0; round < 100; round++) {
			const socket = raw(ann);
			await socket.opened;
			const sending = round % 2 ? noise : mutated;
			for (let i = 0; i < 20; i++) socket.ws.send(sending());
			if (round === 0) socket.ws.send('text is not spoken here');
			socket.ws.close();
			await socket.closed;
		}
		expect(server.errors).toEqual([]);
		expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
		const page = openPage(
			{
				port: server.port,
				cadenceId: (
					await db.admin.execute<{ id: string }>(
						sql`select cadence_id as id from documents order by created_at desc limit 1`
					)
				)[0]!.id
			},
			ann
		);
		await page.saved();
		expect([...page.doc.getMap('nodes').keys()]).toEqual(['start']);
		expect(await logLength()).toBeLessThanOrEqual(3);
		page.destroy();
		await server.close();
	});

	test('Y7: a hijacked client id, a clock jump and foreign deletions are refused; the victim goes on', async ({
		db
	}) => {
		const { ann, users, server, target, raw } = await setUp(db, ['editor']);
		const page = openPage(target, ann);
		await page.saved();
		const { id } = addAction(page.doc, { node: { kind: 'email', position: [0, 0] } });
		await page.saved();
		const victim = page.doc.clientID;
		const clock = Y.getState(page.doc.store, victim);
		const attacks = [
			hijack(victim, clock),
			hijack(victim, clock, 3),
			hijack(12_345, 0),
			deleteUnknown(victim),
			deleteUnknown(777)
		];
		for (const attack of attacks) {
			const attacker = raw(users[0]!);
			await attacker.opened;
			attacker.ws.send(updateMessage(attack));
			expect(await attacker.closed).toBeGreaterThanOrEqual(4400);
		}
		const impostor = raw(users[0]!, `generation=1&client=${victim}`);
		expect(await impostor.closed).toBe(4400);
		for (let i = 1; i <= 100; i++) moveNodes(page.doc, { [id]: [i, i] });
		await page.saved();
		const other = openPage(target, users[0]!);
		await other.saved();
		expect((other.doc.getMap('nodes').get(id) as Y.Map<unknown>).get('pos')).toEqual([100, 100]);
		page.destroy();
		other.destroy();
		await server.close();
		const [audit] = await db.admin.execute(sql`select count(*)::int as n from audit_entries
			where action = 'document.reject' and actor_id = ${users[0]!.userId}`);
		expect(audit).toEqual({ n: attacks.length + 1 });
	});

	test('Y7: a client id that is seen before it writes cannot be taken from its user', async ({ db }) => {
		const { ann, users, server, target, raw } = await setUp(db, ['editor']);
		const page = openPage(target, ann);
		await page.saved();
		const thief = raw(users[0]!);
		await thief.opened;
		const doc = new Y.Doc();
		doc.clientID = page.doc.clientID;
		thief.ws.send(updateMessage(updateOf((copy) => copy.getMap('settings').set('trackOpens', false), doc)));
		expect(await thief.closed).toBe(4403);
		addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
		await page.saved();
		expect(page.state.status).toBe('saved');
		page.destroy();
		await server.close();
	});

	test('Y8: 2,000 updates whose first one is missing are refused cheaply', async ({ db }) => {
		const { ann, server, raw, logLength } = await setUp(db);
		const doc = new Y.Doc();
		const updates: Uint8Array[] = [];
		doc.on('update', (update: Uint8Array) => updates.push(update));
		for (let i = 0; i < 2_000; i++) doc.getMap('settings').set('name', `${i}${'x'.repeat(1000)}`);
		const attacker = raw(ann);
		await attacker.opened;
		await until(() => attacker.received.length > 0);
		const before = process.cpuUsage();
		for (const update of updates.slice(1)) attacker.ws.send(updateMessage(update));
		expect(await attacker.closed).toBe(4400);
		const { user, system } = process.cpuUsage(before);
		// The client's own sending is in this figure too: both ends live in this process.
		expect((user + system) / 1000).toBeLessThan(600);
		expect(await logLength()).toBe(1);
		expect(server.errors).toEqual([]);
		await server.close();
	});

	test('Y9: what is too large is told once, and a socket that never reads is cut off', async ({ db }) => {
		const { ann, server, target, raw, logLength } = await setUp(db);
		const huge = raw(ann);
		await huge.opened;
		huge.ws.send(Buffer.alloc(1024 * 1024 + 1));
		expect(await huge.closed).toBe(1009);
		const page = openPage(target, ann);
		await page.saved();
		page.doc.transact(() => {
			for (let i = 0; i < 60; i++) {
				const node = new Y.Map<unknown>();
				page.doc.getMap('nodes').set(`n${i}`, node);
				node.set('notes', new Y.Text('x'.repeat(15_000)));
			}
		});
		await until(() => page.state.status === 'closed');
		expect(page.state).toMatchObject({ code: 4413, text: expect.stringContaining('too large') as string });
		await new Promise((done) => setTimeout(done, 500));
		expect(server.collab.counters.opened).toBe(2);
		expect(await logLength()).toBe(1);
		page.destroy();
		await server.close();

		const narrow = await startCollab(db.urls.web, { limits: { ...liftedRates, bufferedBytes: 64 * 1024 } });
		const lazy = openRaw({ ...target, port: narrow.port }, { cookie: ann.cookie, origin: testOrigin });
		await lazy.opened;
		lazy.ws.pause();
		// Each question is answered with the whole draft, so a reader that sleeps fills its socket.
		const writer = openPage({ ...target, port: narrow.port }, ann);
		await writer.saved();
		for (let i = 0; i < 40; i++)
			addAction(writer.doc, { node: { kind: 'task', position: [0, 0], description: 'x'.repeat(4_900) } });
		await writer.saved();
		for (let i = 0; i < 100; i++) lazy.ws.send(askForMissing(new Uint8Array([0])));
		await until(() => narrow.collab.counters.stored > 0);
		await new Promise((done) => setTimeout(done, 300));
		lazy.ws.resume();
		expect(await lazy.closed).toBe(1006);
		expect(writer.state.status).toBe('saved');
		writer.destroy();
		await narrow.close();
	});

	test('Y10: hostile documents are refused at the gate', async ({ db }) => {
		const { ann, server, raw, logLength } = await setUp(db);
		const codes: Record<string, number> = {};
		for (const [name, message] of asMessages(hostileDocuments)) {
			const attacker = raw(ann);
			await attacker.opened;
			attacker.ws.send(message);
			codes[name] = await Promise.race([
				attacker.closed,
				new Promise<number>((done) => setTimeout(() => done(0), 2_000))
			]);
			attacker.ws.terminate();
		}
		expect(Object.entries(codes).filter(([, code]) => code < 4400)).toEqual([]);
		expect(await logLength()).toBe(1);
		expect(({} as { admin?: boolean }).admin).toBeUndefined();
		expect(server.errors).toEqual([]);
		await server.close();
	});

	test('Y11: a name is the session’s, and a socket speaks for one client', async ({ db }) => {
		const { ann, users, server, target, raw } = await setUp(db, ['viewer']);
		const page = openPage(target, ann);
		await page.saved();
		const liar = raw(users[0]!, 'generation=1&client=42');
		await liar.opened;
		const state = (name: string) =>
			JSON.stringify({ cursor: [1, 2], user: { id: ann.userId, name, color: 1 } });
		liar.ws.send(awarenessMessage([{ clientId: 42, clock: 1, json: state('The Boss') }]));
		await until(() => page.others().has(42));
		expect(page.others().get(42)!.user).toMatchObject({ id: users[0]!.userId, name: 'A viewer' });
		const crowd = Array.from({ length: 400 }, (_, i) => ({ clientId: 1000 + i, clock: 1, json: state('x') }));
		liar.ws.send(awarenessMessage(crowd));
		liar.ws.send(
			awarenessMessage([{ clientId: 42, clock: 2, json: JSON.stringify({ cursor: 'x'.repeat(9000) }) }])
		);
		liar.ws.send(awarenessMessage([{ clientId: 42, clock: 3, json: '{"cursor":[7,7]}' }]));
		await until(() => page.others().get(42)?.cursor?.[0] === 7);
		expect(page.others().size).toBe(1);
		const flood = Array.from({ length: 50_000 }, (_, i) => ({ clientId: i + 1, clock: 1, json: '{}' }));
		liar.ws.send(awarenessMessage(flood));
		expect(await liar.closed).toBe(4400);
		await until(() => page.others().size === 0);
		page.destroy();
		await server.close();
	});
});
