import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { sweepMessages } from '../../../src/lib/server/channels/sweepMessages.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { testEnvironment } from '../../support/config.ts';
import type { Sink } from '../../support/startSink.ts';
import type { SenderOrder, SenderReport } from './sender.ts';

const FREEZE_WITHIN_MS = 250;
const TAKEOVER_MS = [20, 150] as const;

export type FreezeFigures = { trials: number; requeued: number; doubtful: number };

/**
 * E7: of two senders one works. It is frozen at random (SIGSTOP), its leases run out, the sweep takes its messages away
 * and the other one goes on with them; then the frozen one wakes up in the middle of that and believes it still holds
 * what it held. The roles change with every trial.
 */
export async function freezeSenders(
	db: TestDatabase,
	sink: Sink,
	{
		program,
		trials,
		random,
		log
	}: { program: string; trials: number; random: Random; log: (line: string) => void }
): Promise<FreezeFigures> {
	const env = { ...process.env, ...testEnvironment(db.urls, { SMTP_URL: sink.url, LOG_LEVEL: 'fatal' }) };
	const start = async () => {
		const child = fork(program, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
		await hear(child, 'ready');
		return child;
	};
	let [worker, other] = [await start(), await start()];
	const figures: FreezeFigures = { trials: 0, requeued: 0, doubtful: 0 };
	try {
		order(worker, 'work');
		for (; figures.trials < trials; figures.trials++) {
			await sleep(random.next() * FREEZE_WITHIN_MS);
			worker.kill('SIGSTOP');
			await leasesRunOut(db, worker.pid!);
			const swept = await sweepMessages(db.worker);
			figures.requeued += swept.requeued;
			figures.doubtful += swept.doubtful;
			order(other, 'work');
			await sleep(random.int(...TAKEOVER_MS));
			const resting = hear(worker, 'resting');
			order(worker, 'rest');
			worker.kill('SIGCONT');
			await resting;
			[worker, other] = [other, worker];
			if (figures.trials % 40 === 39)
				log(`${figures.trials + 1} freezes, ${sink.received()} mails at the sink`);
		}
		const resting = hear(worker, 'resting');
		order(worker, 'rest');
		await resting;
	} finally {
		for (const child of [worker, other]) {
			child.kill('SIGCONT');
			child.kill('SIGKILL');
		}
	}
	return figures;
}

const order = (child: ChildProcess, what: SenderOrder) => child.send(what);

async function hear(child: ChildProcess, wanted: SenderReport): Promise<void> {
	for (;;) {
		const [report] = (await once(child, 'message')) as [SenderReport];
		if (report === wanted) return;
	}
}

const PATIENCE_MS = 20_000;

/**
 * Minutes later: PostgreSQL has ended the transactions and half-sent statements in which the frozen process sat
 * (idle_in_transaction_session_timeout and statement_timeout, 60 s, are half a lease), and its leases are over. Only that
 * process held any.
 */
async function leasesRunOut(db: TestDatabase, pid: number): Promise<void> {
	const name = `e7-${pid}`;
	for (const until = Date.now() + PATIENCE_MS; ; await sleep(4)) {
		await db.admin.execute(sql`
			select pg_terminate_backend(pid) from pg_stat_activity
			where application_name = ${name} and state <> 'idle' and wait_event = 'ClientRead'`);
		const [row] = await db.admin.execute<{ n: number }>(sql`
			select count(*)::int as n from pg_stat_activity where application_name = ${name} and state <> 'idle'`);
		if (!row?.n) break;
		if (Date.now() > until) throw new Error('A statement of a frozen process does not come to an end.');
	}
	await db.admin.execute(sql`
		update messages set lease_until = clock_timestamp() - interval '1 second' where status in ('claimed', 'sending')`);
}

/** Messages whose outcome was told to the engine more than once, or never. */
export async function countDoubleSettles(db: TestDatabase, orgId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from messages m where m.org_id = ${orgId} and 1 <> (
			select count(*) from responses r where r.enrollment_id = m.enrollment_id and r.kind = 'sent')`);
	return row!.n;
}
