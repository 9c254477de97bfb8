import { sql } from 'drizzle-orm';
import { cloneDatabase } from '../support/clone.ts';
import { startTestCluster } from '../support/cluster.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { createWorld } from '../support/collabWorld.ts';
import { explain } from './collab/explain.ts';
import { measureRound, summarize, type Round } from './collab/measure.ts';
import { startClients, startRelay } from './collab/processes.ts';
import { relayNames } from './collab/relays/names.ts';
import type { Bench } from './run.ts';

const SIZES = [10, 50, 200] as const;
const full = { rounds: 3, ms: 4_000 };
const quick = { rounds: 1, ms: 600 };

/**
 * Three relays of one draft side by side, interleaved, on the same edits: `@y/websocket-server`, Hocuspocus and ours.
 * `--rounds=N` (3), `--editors=N` for one size alone, `--quick` for short ones, which say little about speed. What the
 * figures mean: collab/README.md.
 */
const bench: Bench = async ({ args, say, log }) => {
	const { rounds, ms } = args.includes('--quick') ? quick : full;
	const times = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9)) || rounds;
	const one = Number(args.find((arg) => arg.startsWith('--editors='))?.slice(10));
	const sizes = one ? [one] : SIZES;
	const cluster = await startTestCluster({ durable: true, settings: ['shared_buffers=512MB'] });
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	useConfig(db.urls);
	const clients = startClients();
	const relays = [];
	try {
		await db.admin.execute(sql`create table bench_updates (
			id bigint generated always as identity primary key, document text not null, bytes bytea not null)`);
		await db.admin.execute(sql`grant all on bench_updates to public`);
		const world = await createWorld(db);
		const people = [];
		for (let n = 1; n <= Math.max(...sizes); n++) people.push(await world.addUser(`Editor ${n}`, 'editor'));
		for (const name of relayNames)
			relays.push({ name, ...(await startRelay(name, db.urls.web, testEnvironment(db.urls))) });
		const place = { db, world, people, clients, relays, log };
		log('Warming up');
		await measureRound(place, 50, Math.min(ms, 1_500));
		const found = new Map<number, Round[]>();
		for (let n = 1; n <= times; n++) {
			for (const size of sizes) {
				log(`Round ${n} of ${times}, ${size} editors`);
				found.set(size, [...(found.get(size) ?? []), await measureRound(place, size, ms)]);
			}
		}
		const figures = summarize(found);
		explain(say, figures);
		return { ...figures, rounds: times };
	} finally {
		await clients.stop();
		for (const relay of relays) await relay.stop();
		await drop();
		await cluster.stop();
	}
};
export default bench;
