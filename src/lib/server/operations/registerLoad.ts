import { Gauge } from 'prom-client';
import type { Db } from '../db/client.ts';
import { readLoad, type Load } from './readLoad.ts';
import { metrics } from './registry.ts';
import { listWorkers, type WorkerSeen } from './workers.ts';

type Reading = { load: Load; workers: WorkerSeen[] } | null;

/** One reading serves all gauges of a scrape, and scrapers that come close together. */
const READ_AGAIN_MS = 2_000;

/** OPS-3: the state of the engine over all organizations, read from the database when somebody asks. */
export function registerLoad(getDb: () => Db): void {
	const registers = [metrics()];
	if (metrics().getSingleMetric('cadenza_database_up')) return;
	let last: { at: number; reading: Promise<Reading> } | null = null;
	const read = (): Promise<Reading> => {
		if (last && Date.now() - last.at < READ_AGAIN_MS) return last.reading;
		const reading = Promise.all([readLoad(getDb(), null), listWorkers(getDb())])
			.then(([load, workers]) => ({ load, workers }))
			.catch(() => null);
		last = { at: Date.now(), reading };
		return reading;
	};
	type Value = { labels?: Record<string, string>; value: number };
	const gauge = (name: string, help: string, labelNames: string[], values: (reading: Reading) => Value[]) =>
		new Gauge({
			name: `cadenza_${name}`,
			help,
			labelNames,
			registers,
			async collect() {
				this.reset();
				for (const { labels, value } of values(await read())) this.set(labels ?? {}, value);
			}
		});
	const secondsSince = (at: Date | null, now: Date) => (at ? Math.max(0, (+now - +at) / 1000) : 0);
	const ofCadences = (
		name: string,
		help: string,
		value: (one: Load['cadences'][number], now: Date) => number
	) =>
		gauge(name, help, ['cadence'], (reading) =>
			(reading?.load.cadences ?? []).map((one) => ({
				labels: { cadence: one.cadenceId },
				value: value(one, reading!.load.at)
			}))
		);
	const ofQueues = (name: string, help: string, value: (one: Load['queues'][number], now: Date) => number) =>
		gauge(name, help, ['queue'], (reading) =>
			(reading?.load.queues ?? []).map((one) => ({
				labels: { queue: one.name },
				value: value(one, reading!.load.at)
			}))
		);
	const ofWorkers = (name: string, help: string, value: (one: WorkerSeen, now: Date) => number) =>
		gauge(name, help, ['worker', 'host', 'pid'], (reading) =>
			(reading?.workers ?? [])
				.filter((one) => one.state !== 'stopped')
				.map((one) => ({
					labels: { worker: one.id, host: one.host, pid: String(one.pid) },
					value: value(one, reading!.load.at)
				}))
		);
	gauge('database_up', 'Whether the figures of this scrape could be read', [], (reading) => [
		{ value: reading ? 1 : 0 }
	]);
	ofCadences('due_runs', 'Runs whose next action is due (10,000 = that many or more)', (one) => one.due.n);
	ofCadences('due_oldest_seconds', 'Lateness of the oldest due run', (one, now) =>
		secondsSince(one.oldestDueAt, now)
	);
	ofCadences('steps_per_minute', 'Actions executed or skipped', (one) => one.stepsPerMinute);
	ofCadences('sends_per_minute', 'Messages handed over', (one) => one.sendsPerMinute);
	ofCadences('responses_per_minute', 'Responses recorded', (one) => one.responsesPerMinute);
	ofCadences(
		'outbox_messages',
		'Messages and webhook calls that are queued or under way',
		(one) => one.outbox.n
	);
	ofCadences('quarantined_runs', 'Runs set aside because they made a pass fail', (one) => one.quarantined);
	ofCadences('doubtful_messages', 'Sends whose outcome nobody can know', (one) => one.doubtful);
	ofQueues('queue_waiting', 'Rows of a queue (10,000 = that many or more)', (one) => one.waiting.n);
	ofQueues('queue_due', 'Rows of a queue whose time has come', (one) => one.due);
	ofQueues('queue_oldest_seconds', 'Age of the first row of a queue', (one, now) =>
		secondsSince(one.oldestAt, now)
	);
	gauge('quarantined_responses', 'Responses set aside because they made a pass fail', [], (reading) =>
		reading ? [{ value: reading.load.quarantinedResponses }] : []
	);
	gauge('paused_senders', 'Senders held back by their circuit breaker', [], (reading) =>
		reading ? [{ value: reading.load.pausedSenders + reading.load.pausedAccounts }] : []
	);
	ofWorkers('worker_up', 'Whether a worker was seen lately', (one) => (one.state === 'alive' ? 1 : 0));
	ofWorkers('worker_memory_megabytes', 'Resident memory of a worker', (one) => one.memoryMb);
	ofWorkers('worker_lanes', 'Lanes of a worker', (one) => one.lanes);
}
