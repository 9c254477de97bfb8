import { fork, type ChildProcess } from 'node:child_process';
import { sql } from 'drizzle-orm';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '../../support/config.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { Order, Report } from './child.ts';
import type { Scenario } from './scenario.ts';
import { steps } from './steps.ts';

export type Ended = { pid: number; signal: NodeJS.Signals | null; done: number };
/** `program`: child.ts in one file. */
type Place = { db: TestDatabase; adminUrl: string; smtpUrl: string; program: string };

/** A process that has loaded everything and waits for its order. */
export function startChild({ db, adminUrl, smtpUrl, program }: Place, failpoint?: string): ChildProcess {
	return fork(program, {
		env: {
			...process.env,
			...testEnvironment(db.urls, { SMTP_URL: smtpUrl, LOG_LEVEL: 'error' }),
			DATABASE_ADMIN_URL: adminUrl,
			...(failpoint ? { FAILPOINT: failpoint } : {})
		},
		execArgv: [],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
}

/** Lives through the history from a step on. @throws when a step failed for another reason than the failpoint */
export async function live(child: ChildProcess, scenario: Scenario, from: number): Promise<Ended> {
	let done = from;
	const { promise, resolve, reject } = Promise.withResolvers<NodeJS.Signals | null>();
	const listen = (report: Report) => {
		if ('failed' in report) return reject(new Error(report.failed));
		done = report.done;
		if (done === steps.length) resolve(null);
	};
	const gone = (_: number | null, signal: NodeJS.Signals | null) =>
		signal ? resolve(signal) : reject(new Error('A process of the history went away by itself.'));
	child.on('message', listen).on('exit', gone);
	child.send({ scenario, from } satisfies Order);
	const signal = await promise.finally(() => child.off('message', listen).off('exit', gone));
	return { pid: child.pid!, signal, done };
}

/** What the server still does for the dead process comes to its end; then its leases run out. */
export async function bury(db: TestDatabase, pid: number): Promise<void> {
	for (;;) {
		const [row] = await db.admin.execute<{ n: number }>(sql`
			select count(*)::int as n from pg_stat_activity where application_name = ${`e2-${pid}`}`);
		if (!row?.n) break;
		await sleep(5);
	}
	await db.admin.execute(sql`
		update messages set lease_until = clock_timestamp() - interval '1 second' where status in ('claimed', 'sending')`);
	await db.admin.execute(sql`
		update webhook_calls set lease_until = clock_timestamp() - interval '1 second' where status = 'claimed'`);
}
