import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { askForMissing } from '../../../src/lib/server/collab/messages.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { startCollabProcess } from '../../support/collabProcess.ts';
import { openPage, openRaw, testOrigin, until } from '../../support/collabServer.ts';
import { liftedRates } from '../../support/liftedRates.ts';

/** A message above the limit, and a draft above it: what the page is told, and how often it comes back. */
export async function sayTooMuch(db: TestDatabase, watchMs: number) {
	const { ann, server, target, raw, logLength } = await openDraftPlace(db);
	const huge = raw(ann);
	await huge.opened;
	huge.ws.send(Buffer.alloc(1024 * 1024 + 1));
	const messageCode = await huge.closed;
	const page = openPage(target, ann);
	await page.saved();
	page.doc.transact(() => {
		for (let n = 0; n < 60; n++) {
			const node = new Y.Map<unknown>([['kind', 'task']]);
			page.doc.getMap('nodes').set(`n${n}`, node);
			node.set('notes', new Y.Text('x'.repeat(15_000)));
		}
	});
	await until(() => page.state.status === 'closed');
	const { state } = page;
	const opened = server.collab.counters.opened;
	await sleep(watchMs);
	const reconnects = server.collab.counters.opened - opened;
	const stored = (await logLength()) - 1;
	page.destroy();
	await server.close();
	return {
		messageCode,
		draftCode: state.status === 'closed' ? state.code : 0,
		text: state.status === 'closed' ? state.text : '',
		reconnects,
		stored
	};
}

/** Sockets that ask for the whole draft again and again and never read. The writer beside them goes on. */
export async function neverRead(
	db: TestDatabase,
	readers: number,
	options: { program?: string; bufferedBytes?: number } = {}
) {
	const { ann, cadenceId, server: idle } = await openDraftPlace(db);
	await idle.close();
	const { program, bufferedBytes } = options;
	const server = await startCollabProcess(db, {
		limits: { ...liftedRates, ...(bufferedBytes && { bufferedBytes }) },
		...(program && { program })
	});
	const target = { port: server.port, cadenceId };
	try {
		const writer = openPage(target, ann);
		await writer.saved();
		for (let n = 0; n < 40; n++)
			addAction(writer.doc, { node: { kind: 'task', position: [0, 0], description: 'x'.repeat(4_900) } });
		await writer.saved();
		const before = await server.health();
		const lazy = Array.from({ length: readers }, () =>
			openRaw(target, { cookie: ann.cookie, origin: testOrigin })
		);
		await Promise.all(lazy.map(({ opened }) => opened));
		for (const { ws } of lazy) ws.pause();
		let rssMb = 0;
		for (let n = 0; n < 100; n++) {
			for (const { ws } of lazy) if (ws.readyState === ws.OPEN) ws.send(askForMissing(new Uint8Array([0])));
			addAction(writer.doc, { node: { kind: 'exit', position: [n, 0] } });
			await sleep(5);
			if (n % 10 === 9) rssMb = Math.max(rssMb, (await server.health()).rssMb);
		}
		// Only the writer is left.
		await until(async () => (await server.health()).open === 1, 20_000);
		for (const { ws } of lazy) ws.resume();
		const codes = await Promise.all(lazy.map(({ closed }) => closed));
		await writer.saved();
		const writerGoesOn = Number(writer.state.status === 'saved');
		writer.destroy();
		return {
			cutOff: codes.filter((code) => code === 1006).length,
			writerGoesOn,
			rssGrewMb: Math.round(rssMb - before.rssMb)
		};
	} finally {
		await server.kill();
	}
}
