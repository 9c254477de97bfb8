import { Logger as QueueLogger, run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { Logger } from 'pino';
import { getConfig } from '#lib/server/config.ts';
import { createDb, type Db } from '#lib/server/db/client.ts';
import { defaultLanes, startEngine } from '#lib/server/engine/loop.ts';
import { createPassMarks } from '#lib/server/engine/passMarks.ts';
import { getLog } from '#lib/server/log.ts';
import { deadAfterSeconds, startHeartbeat } from '#lib/server/operations/workers.ts';
import { crontab } from './crontab.ts';
import { keepListening } from './inbound.ts';
import { loadTasks } from './loadTasks.ts';
import { listenForOperations } from './operations.ts';
import type { Task } from './task.ts';

const concurrency = 6;

export type Worker = { stop: () => Promise<void>; db: Db };

/**
 * One worker process: graphile-worker for wake-ups, cron and long jobs, and the engine's lanes beside it (any number of
 * processes share one database). `stop` lets what runs finish.
 */
export async function startWorker(options: {
	url: string;
	log: Logger;
	pool?: number;
	/** How long a silent worker counts as alive. */
	deadAfterMs?: number;
}): Promise<Worker> {
	const { url, log } = options;
	const db = createDb(url, { name: 'cadenza-worker', max: options.pool ?? 10 });
	const queuePool = new pg.Pool({
		connectionString: url,
		// As many as jobs at once, and one for LISTEN.
		max: concurrency + 2,
		connectionTimeoutMillis: 10_000,
		// A server that went away without a word is not waited for (RELIABILITY.md 2.6).
		query_timeout: 75_000,
		application_name: 'cadenza-queue'
	});
	// A lost connection is normal: the queue reconnects by itself.
	queuePool.on('error', (error) => log.warn({ error }, 'queue connection lost'));
	queuePool.on('connect', (client) => client.on('error', () => undefined));
	const tasks = await loadTasks();
	const marks = createPassMarks(url);
	const engine = startEngine(db, { log, marks, lanes: defaultLanes });
	const stopping = new AbortController();
	const context = { db, log, signal: stopping.signal, wakeEngine: engine.wake };
	const runTask = (task: Task, payload: unknown) => task.run(payload, context);
	const { runner, queueId } = await startQueue(queuePool, tasks, runTask, log);
	const heartbeat = startHeartbeat(db, {
		queueId,
		lanes: defaultLanes,
		deadAfterMs: options.deadAfterMs ?? deadAfterSeconds * 1000,
		onError: (error) => log.warn({ error }, 'heartbeat not written')
	});
	return {
		db,
		stop: async () => {
			stopping.abort();
			await Promise.all([runner.stop(), engine.stop()]);
			await heartbeat.stop();
			await marks.stop();
			await queuePool.end();
			await db.$client.end({ timeout: 5 });
		}
	};
}

/** The queue says each completed job at info: that is our debug. */
const queueLogger = (log: Logger) =>
	new QueueLogger(() => (level, message) => {
		if (level === 'error') log.error(message);
		else if (level === 'warning') log.warn(message);
		else log.debug(message);
	});

async function startQueue(
	pgPool: pg.Pool,
	tasks: Map<string, Task>,
	runTask: (task: Task, payload: unknown) => Promise<void>,
	log: Logger
): Promise<{ runner: Runner; queueId: string }> {
	const taskList: TaskList = {};
	for (const [name, task] of tasks)
		taskList[name] = async (payload) => {
			try {
				await runTask(task, payload);
			} catch (error) {
				log.error({ error, task: name }, 'task failed');
				throw error;
			}
		};
	// The name under which this process locks jobs: what others need to unlock them when it is dead.
	let queueId = '';
	const events: WorkerEvents = new EventEmitter();
	events.on('pool:create', ({ workerPool }) => (queueId = workerPool.id));
	const runner = await run({
		events,
		pgPool,
		taskList,
		concurrency,
		pollInterval: 1000,
		logger: queueLogger(log),
		noHandleSignals: true,
		parsedCronItems: crontab(new Set(tasks.keys()))
	});
	// Errors of the runner reach the log through its events; the promise only says that it ended.
	runner.promise.catch((error: unknown) => log.error({ error }, 'queue stopped'));
	return { runner, queueId };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const log = getLog();
	const worker = await startWorker({
		url: getConfig().DATABASE_WORKER_URL,
		log,
		pool: getConfig().DATABASE_POOL
	});
	const { INBOUND_SMTP_HOST: host, INBOUND_SMTP_PORT: port } = getConfig();
	const stopListening = port === 0 ? null : keepListening(worker.db, { host, port }, log);
	const stopOperations = listenForOperations(worker.db, getConfig(), log);
	log.info('worker ready');
	let stopping = false;
	const stop = async (signal: string) => {
		if (stopping) return;
		stopping = true;
		log.info({ signal }, 'worker stops');
		await stopListening?.();
		await stopOperations();
		await worker.stop();
		process.exit(0);
	};
	process.on('SIGTERM', () => void stop('SIGTERM'));
	process.on('SIGINT', () => void stop('SIGINT'));
	process.send?.('ready');
}
