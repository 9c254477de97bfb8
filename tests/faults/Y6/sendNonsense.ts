import { projectDraft } from '../../../src/lib/collab/document.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { countLog } from '../../support/collabPlace.ts';
import { startCollabProcess } from '../../support/collabProcess.ts';
import { openPage, openRaw, testOrigin } from '../../support/collabServer.ts';
import { createWorld } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { liftedRates } from '../../support/liftedRates.ts';
import { malformedFrame } from './frames.ts';

/** Frames that a socket says before the next one is opened: the first unreadable one ends it. */
const PER_SOCKET = 20;
const AT_ONCE = 10;
/** Share of the frames before memory is looked at: what each frame leaks shows in the others. */
const WARM_UP = 0.05;

/** Malformed frames on the wire to a server process: it lives, answers soon, grows no fat, and the draft stays whole. */
export async function sendNonsense(db: TestDatabase, frames: number, random: Random, program?: string) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const cadenceId = await world.addCadence();
	const server = await startCollabProcess(db, { limits: liftedRates, ...(program && { program }) });
	const target = { port: server.port, cadenceId };
	let sent = 0;
	const speak = async (until: number) => {
		while (sent < until) {
			const socket = openRaw(target, { cookie: ann.cookie, origin: testOrigin });
			await socket.opened;
			for (let n = 0; n < PER_SOCKET && sent < until; n++, sent++) socket.ws.send(malformedFrame(random));
			socket.ws.close();
			await socket.closed;
		}
	};
	try {
		const round = (until: number) => Promise.all(Array.from({ length: AT_ONCE }, () => speak(until)));
		// A first round, so that what is measured is not how a process and its heap get going.
		await round(frames * WARM_UP);
		const before = await server.health();
		await round(frames);
		const after = await server.health();
		const page = openPage(target, ann);
		await page.saved();
		const { draft, dropped } = projectDraft(page.doc);
		page.destroy();
		return {
			frames: sent,
			strangeParts: dropped.length + Object.keys(draft.nodes).length - 1,
			legalEdits: (await countLog(db, cadenceId)) - 1,
			faults: after.errors - before.errors,
			rejected: after.rejected,
			stallMs: Math.round(after.stallMs),
			rssGrewMb: Math.round(after.rssMb - before.rssMb)
		};
	} finally {
		await server.kill();
	}
}
