import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../src/lib/collab/connection.ts';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { removeNode } from '../../../src/lib/collab/edits/removeNode.ts';
import { setNodeField } from '../../../src/lib/collab/edits/setNodeField.ts';
import { nodesOf } from '../../../src/lib/collab/layout.ts';
import { readDraft } from '../../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { startCollabProcess } from '../../support/collabProcess.ts';
import { openPage, until } from '../../support/collabServer.ts';
import { createWorld, type WorldUser } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';

export type Killing = { writers: number; edits: number; kills: number; program?: string | undefined };

/** Each writer adds so many actions, then changes them and removes all but one. */
const OWN_ACTIONS = 20;

/** Until what was done is stored; false when the server went away instead. */
async function echoOf(page: Connection): Promise<boolean> {
	let stop: () => void = () => undefined;
	const gone = new Promise<boolean>((done) => {
		stop = page.subscribe(({ status }) => {
			if (status === 'offline' || status === 'closed') done(false);
		});
	});
	const stored = page.saved().then(
		() => true,
		() => false
	);
	const late = sleep(30_000, false, { ref: false });
	try {
		return await Promise.race([stored, gone, late]);
	} finally {
		stop();
	}
}

/**
 * Writers edit one draft, one acknowledged edit after another, while its server is killed again and again. A writer
 * vanishes after some echoes, so nobody is left who could offer its edits again.
 */
export async function killWhileWriting(db: TestDatabase, { writers, edits, kills, program }: Killing) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const users: WorldUser[] = [];
	for (let n = 1; n <= writers; n++) users.push(await world.addUser(`Writer ${n}`, 'editor'));
	const cadenceId = await world.addCadence();
	const start = (port = 0) => startCollabProcess(db, { port, ...(program && { program }) });
	let server = await start();
	const { port } = server;
	/** Action -> the title that was acknowledged last, and those tried after it; null: it was removed. */
	const expected = new Map<string, { sure: string | null; tried: (string | null)[] }>();
	const echoMs: number[] = [];
	let acknowledged = 0;
	let killed = 0;
	let isRunning = true;
	const pages = new Set<Connection>();

	const edit = async (page: Connection, id: string, title: string | null): Promise<boolean> => {
		const state = expected.get(id) ?? { sure: null, tried: [] };
		expected.set(id, { ...state, tried: [...state.tried, title] });
		const from = performance.now();
		if (!(await echoOf(page))) return false;
		acknowledged++;
		// Not what comes with a page's arrival.
		if (!killed && title !== null && !title.endsWith('.0')) echoMs.push(performance.now() - from);
		expected.set(id, { sure: title, tried: [] });
		return true;
	};
	const write = async (index: number) => {
		// Across lives: what a killed life has left is changed and removed by the next, or the draft would be full.
		let own: string[] = [];
		for (let life = 0; isRunning; life++) {
			const page = openPage({ port, cadenceId }, users[index]!);
			pages.add(page);
			let sure = await echoOf(page);
			own = own.filter((id) => !sure || nodesOf(page.doc).has(id));
			for (let n = 0; n < 60 && isRunning && sure; n++) {
				const title = `${index}.${life}.${n}`;
				if (own.length < OWN_ACTIONS) {
					const { id } = addAction(page.doc, { node: { kind: 'exit', position: [n, index], title } });
					own.push(id);
					sure = await edit(page, id, title);
				} else {
					const id = own[n % own.length]!;
					setNodeField(page.doc, id, 'title', title);
					sure = await edit(page, id, title);
				}
			}
			for (const id of own.slice(1)) {
				if (!isRunning || !sure) break;
				removeNode(page.doc, id, { rejoin: false });
				sure = await edit(page, id, null);
			}
			page.destroy();
			pages.delete(page);
		}
	};
	const writing = Promise.all(users.map((_user, index) => write(index)));
	try {
		for (; killed < kills; killed++) {
			const wanted = (edits * (killed + 1)) / (kills + 1);
			await until(() => acknowledged >= wanted, 300_000);
			await server.kill();
			server = await start(port);
		}
		await until(() => acknowledged >= edits, 300_000);
	} finally {
		isRunning = false;
		await writing;
		for (const page of pages) page.destroy();
		await server.kill();
	}
	const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
	const lost = [...expected].filter(([id, { sure, tried }]) => {
		const node = draft.nodes[id];
		const title = node ? node.title : null;
		return title !== sure && !tried.includes(title);
	});
	echoMs.sort((a, b) => a - b);
	const p99 = echoMs[Math.floor(echoMs.length * 0.99)] ?? 0;
	return { acknowledged, kills: killed, lost: lost.length, echoP99Ms: Math.round(p99) };
}
