import * as Y from 'yjs';
import { updateMessage } from '../../../src/lib/server/collab/messages.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { countLog } from '../../support/collabPlace.ts';
import { startCollabProcess } from '../../support/collabProcess.ts';
import { openRaw, testOrigin, until } from '../../support/collabServer.ts';
import { createWorld } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { liftedRates } from '../../support/liftedRates.ts';

/** 2,000 updates of a kilobyte whose first one is missing. Answers the CPU time that a warm server spent on them. */
export async function floodWithGaps(db: TestDatabase, program?: string) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const cadenceId = await world.addCadence();
	const server = await startCollabProcess(db, { limits: liftedRates, ...(program && { program }) });
	const doc = new Y.Doc();
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	for (let n = 0; n < 2_000; n++) doc.getMap('settings').set('name', `${n}${'x'.repeat(1000)}`);
	const flood = async () => {
		const attacker = openRaw({ port: server.port, cadenceId }, { cookie: ann.cookie, origin: testOrigin });
		await attacker.opened;
		await until(() => attacker.received.length > 0);
		for (const update of updates.slice(1)) attacker.ws.send(updateMessage(update));
		return attacker.closed;
	};
	try {
		const firstCode = await flood();
		const before = await server.health();
		const code = await flood();
		await until(async () => (await server.health()).open === 0);
		const after = await server.health();
		return {
			refused: Number(firstCode === 4400 && code === 4400),
			cpuMs: Math.round(after.cpuMs - before.cpuMs),
			stored: (await countLog(db, cadenceId)) - 1,
			faults: after.errors
		};
	} finally {
		await server.kill();
	}
}
