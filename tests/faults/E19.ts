import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { testEnvironment } from '../support/config.ts';
import { tellAll } from './E19/tellAll.ts';
import { makeEvents, readEffects } from './E19/worldEvents.ts';
import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const KILLS = 20;
const KILL_AFTER_MS = [200, 1_500] as const;

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	await new Promise<void>((done) => server.close(() => done()));
	return typeof address === 'object' && address ? address.port : 0;
}

/** E19: 10,000 events from outside, each one to five times, shuffled, at an inbox that is killed again and again. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const random = seededRandom(context.seed);
		const { orgId, events, replies } = await makeEvents(db, scaled(context, 10_000, 100));
		const ports = [await freePort(), await freePort()] as const;
		const load = (): ChildProcess =>
			fork(new URL('./E19/inboxProcess.ts', import.meta.url), ports.map(String), {
				env: { ...process.env, ...testEnvironment(db.urls, { DATABASE_POOL: '4' }) },
				execArgv: [],
				stdio: ['ignore', 'ignore', 'inherit', 'ipc']
			});
		const doors = { origin: `http://127.0.0.1:${ports[0]}`, smtpPort: ports[1] };
		// The next one loads while this one answers.
		let living = load();
		let next = load();
		let kills = 0;
		let over = false;
		const begin = async (child: ChildProcess) => {
			child.send('begin');
			for (;;) if ((await once(child, 'message'))[0] === 'listening') return;
		};
		const killer = async () => {
			await begin(living);
			while (!over && kills < KILLS) {
				await sleep(random.int(...KILL_AFTER_MS));
				if (over) return;
				living.kill('SIGKILL');
				kills++;
				living = next;
				next = load();
				await begin(living);
			}
		};
		try {
			const killing = killer();
			const told = await tellAll(events, doors, random);
			over = true;
			await killing;
			const effects = await readEffects(db, orgId);
			return conclude(context, { events: events.length, ...told, kills, ...effects, replies }, [
				['effects exactly as many as events', effects.responses === events.length],
				['each once', effects.distinct === events.length],
				['every answer is kept once', effects.inbound === replies],
				['killed in between', kills >= Math.min(3, KILLS)]
			]);
		} finally {
			living.kill('SIGKILL');
			next.kill('SIGKILL');
		}
	});
export default campaign;
