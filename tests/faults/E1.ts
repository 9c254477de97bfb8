import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { cloneDatabase, type TestDatabase } from '../support/clone.ts';
import { startTestCluster } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import { startSink, type Sink } from '../support/startSink.ts';
import { queueMails, type QueuedMails } from './E1/queueMails.ts';
import { shortenMinutes, type Hurry } from './E1/shortenMinutes.ts';
import { startWorkers, type Workers } from './E1/workers.ts';
import { countOpen, waitForRest } from './E1/waitForRest.ts';
import type { Verdict } from './judge.ts';
import type { FaultCampaign, FaultContext } from './run.ts';

const run = promisify(execFile);
const judgeFile = fileURLToPath(new URL('./judge.ts', import.meta.url));
const WORKERS = 2;
/** RELIABILITY.md 5: the sink waits so long before its 250, a worker dies so often. */
const SINK_DELAY_MS = 10;
const KILL_EVERY_MS = [150, 450] as const;
const LISTED_AT_MOST = 500;

/**
 * E1: real workers are killed at random in the middle of sending and restarted. Nobody may get a mail twice, nobody may
 * be forgotten, and what nobody can know is listed. `--mails=N --kills=N` (or E1_MAILS, E1_KILLS); `--leases=real` waits
 * for the leases of the dead (2 and 12 minutes) instead of ageing them.
 */
const campaign: FaultCampaign = async (context) => {
	const mails = parameter(context, 'mails', 10_000);
	const kills = parameter(context, 'kills', 30);
	const realLeases = context.args.includes('--leases=real');
	const cluster = await startTestCluster();
	const sink = await startSink({ delayMs: SINK_DELAY_MS });
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	let workers: Workers | null = null;
	let hurry: Hurry | null = null;
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		context.log(`queueing ${mails} mails`);
		const queued = await queueMails(db, mails);
		workers = await startWorkers(db, sink, WORKERS);
		hurry = shortenMinutes(db, workers, { ageLeases: !realLeases });
		await killAtRandom(context, workers, sink, { mails, kills });
		// Everybody who is left goes in peace and two new ones come: from here on all old claims are of the dead.
		await workers.replaceAll();
		context.log(`killing is over; ${await countOpen(db, queued.orgId)} messages and responses are open`);
		const restMs = await waitForRest(db, queued.orgId, { patienceMs: realLeases ? 840_000 : 60_000 });
		await hurry.stop();
		await workers.stop();
		await sink.stop();
		const adminUrl = databaseUrl(cluster.adminUrl, db.name);
		return await conclude(context, db, sink, { ...queued, adminUrl }, { kills, restMs });
	} finally {
		await hurry?.stop();
		await workers?.stop();
		setConfig(undefined);
		await sink.remove();
		await drop();
		await cluster.stop();
	}
};
export default campaign;

const databaseUrl = (adminUrl: string, name: string): string =>
	Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;

function parameter({ args }: FaultContext, name: string, fallback: number): number {
	const flag = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
	return Number(flag ?? process.env[`E1_${name.toUpperCase()}`]) || fallback;
}

async function killAtRandom(
	{ seed, log }: FaultContext,
	workers: Workers,
	sink: Sink,
	{ mails, kills }: { mails: number; kills: number }
): Promise<void> {
	const random = seededRandom(seed);
	for (let n = 1; n <= kills; n++) {
		// A worker that only starts holds nothing: the time runs from the first mail after the last kill.
		const before = sink.received();
		while (sink.received() === before) await sleep(5);
		await sleep(random.int(...KILL_EVERY_MS));
		if (sink.received() >= mails * 0.98) return;
		const victims = await workers.ready();
		const pid = await workers.kill(random.pick(victims));
		sink.noteKill(pid);
		if (n % 5 === 0) log(`${n} kills, ${sink.received()} of ${mails} mails at the sink`);
	}
}

async function conclude(
	{ say }: FaultContext,
	db: TestDatabase,
	sink: Sink,
	{ orgId, actor, mails, adminUrl }: QueuedMails & { adminUrl: string },
	{ kills, restMs }: { kills: number; restMs: number }
) {
	const { stdout } = await run(process.execPath, [
		...[judgeFile, '--database', adminUrl, '--org', orgId, '--log', sink.logFile]
	]);
	const verdict = JSON.parse(stdout) as Verdict;
	const listed = await withOrg(db.web, orgId, (tx) => listDoubtful(tx, actor, { limit: LISTED_AT_MOST }));
	const { stuckMessages, stuckRuns, invariants, ...figures } = verdict;
	const broken = Object.entries(invariants).filter(([, times]) => times > 0);
	const checks: [string, boolean][] = [
		['0 lost', figures.lost === 0],
		['0 duplicated', figures.duplicated === 0],
		['every mail delivered or doubtful', figures.delivered + figures.doubtful === mails],
		['doubtful <= in flight at kills', figures.doubtful <= figures.inFlightAtKills && !figures.unexplained],
		['0 stuck', stuckMessages + stuckRuns === 0],
		['at least 20 kills', figures.kills >= Math.min(20, kills)],
		['doubtful sends are listed', listed.length === Math.min(figures.doubtful, LISTED_AT_MOST)],
		[`I1-I9${broken.map(([id, times]) => ` (${id} broken ${times} times)`).join('')}`, broken.length === 0]
	];
	for (const [key, value] of Object.entries({ ...figures, stuckMessages, stuckRuns, restMs }))
		say(`  ${key.padEnd(20)}${String(value).padStart(8)}`);
	for (const [label, held] of checks) say(`  ${held ? 'held  ' : 'BROKEN'}  ${label}`);
	return {
		passed: checks.every(([, held]) => held),
		figures: { ...figures, stuck: stuckMessages + stuckRuns, listed: listed.length, restMs, invariants }
	};
}
