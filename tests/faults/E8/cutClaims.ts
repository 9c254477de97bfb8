import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { claimLeaseSeconds } from '../../../src/lib/server/channels/outbox.ts';
import { sweepMessages } from '../../../src/lib/server/channels/sweepMessages.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { makeChannelWorld, queue, type ChannelWorld } from '../../support/channelWorld.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { testEnvironment } from '../../support/config.ts';
import { email, planOf } from '../../support/engineWorld.ts';
import { connectStandIn } from '../../support/whatsapp.ts';
import type { ClaimReport } from './claimer.ts';

/** Messages of one claim. */
const SIZE = 4;
/** Clients of one process: each channel has its own. */
const CLIENTS = 2;
/** How long the slow claim works, and then its commit. */
const WORK_SECONDS = 0.02;
/** To begin with: it follows the machine, so that the commit is hit as often as the statement. */
const FIRST_WITHIN_MS = 140;
const channels = ['email', 'whatsapp'] as const;

export type CutFigures = { trials: number; cut: number; committedLate: number };

/** Messages of both channels, enough for every claim to find its own. */
export async function queueForClaims(
	db: TestDatabase,
	trials: number,
	standInUrl: string
): Promise<ChannelWorld> {
	const whatsapp = {
		kind: 'whatsapp' as const,
		id: 'chat',
		followUp: 1,
		title: 'chat',
		branches: [],
		config: { templateId: null, recipient: 'phone', variables: { '1': 'there' } }
	};
	const world = await makeChannelWorld(db, planOf([email('mail'), whatsapp]));
	await db.admin.execute(sql`update organizations set emails_per_day = 1000000 where id = ${world.orgId}`);
	const templates = await withOrg(db.owner, world.orgId, (tx) => connectStandIn(tx, world.orgId, standInUrl));
	const people = Array.from({ length: (trials / CLIENTS) * SIZE }, (_, i) => i);
	await queue(
		db,
		world,
		'mail',
		people.map((i) => ({ to: `cut${i}@people.example` }))
	);
	const phones = people.map((i) => ({ to: `+49151${String(10_000_000 + i)}` }));
	await queue(db, world, 'chat', phones, 'whatsapp', templates.get('short_reminder'));
	return world;
}

/** The claim's statement takes its time, and so does its commit: a client can die in the middle of either. */
export async function slowDown(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`
		create function take_time() returns trigger language plpgsql as $$
		begin perform pg_sleep(tg_argv[0]::float8); return null; end $$`);
	await db.admin.execute(sql`
		create trigger slow_statement after update on messages for each statement
			execute function take_time(${sql.raw(`'${WORK_SECONDS}'`)})`);
	await db.admin.execute(sql`
		create constraint trigger slow_commit after update on messages deferrable initially deferred for each row
			when (old.status = 'queued' and new.status = 'claimed')
			execute function take_time(${sql.raw(`'${WORK_SECONDS / SIZE}'`)})`);
}

export async function speedUp(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`drop trigger slow_statement on messages`);
	await db.admin.execute(sql`drop trigger slow_commit on messages`);
}

/** Half a lease goes by, and the sweep comes. */
export async function halfLease(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`
		update messages set lease_until = lease_until - make_interval(secs => ${claimLeaseSeconds / 2})
		where status in ('claimed', 'sending')`);
	await sweepMessages(db.worker);
}

/**
 * E8: processes are killed at random while their claims run in PostgreSQL, which goes on with them, and sometimes commits
 * what nobody waits for any more. The sweep comes all the while.
 */
export async function cutClaims(
	db: TestDatabase,
	{
		program,
		trials,
		random,
		log
	}: { program: string; trials: number; random: Random; log: (line: string) => void }
): Promise<CutFigures> {
	const figures: CutFigures = { trials: 0, cut: 0, committedLate: 0 };
	const env = {
		...process.env,
		...testEnvironment(db.urls, { LOG_LEVEL: 'error' }),
		CLAIM_LIMIT: String(SIZE)
	};
	const start = () => fork(program, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
	const waiting = [start(), start()];
	let over = false;
	let withinMs = FIRST_WITHIN_MS;
	const sweeper = (async () => {
		while (!over) {
			await halfLease(db);
			await sleep(random.int(20, 120));
		}
	})();
	try {
		while (figures.trials < trials) {
			const child = waiting.shift()!;
			waiting.push(start());
			const got = await killInClaim(child, random.next() * withinMs);
			figures.trials += CLIENTS;
			figures.cut += CLIENTS - got;
			const late = await whatWasCommitted(db, child.pid!, got);
			figures.committedLate += late;
			withinMs = Math.min(3_000, withinMs * (got + late ? 0.9 : 1.1));
			if (figures.trials % 200 === 0) log(`${figures.trials} clients killed, ${figures.cut} in their claim`);
		}
	} finally {
		over = true;
		await sweeper;
		for (const child of waiting) child.kill('SIGKILL');
	}
	return figures;
}

/** @returns how many of its claims the process had in hand when it died */
async function killInClaim(child: ChildProcess, afterMs: number): Promise<number> {
	const [report] = (await once(child, 'message')) as [ClaimReport];
	if (report !== 'ready') throw new Error(`A claimer began with ${report}.`);
	let got = 0;
	child.on('message', () => got++);
	child.send('go');
	await sleep(afterMs);
	const exit = once(child, 'exit');
	child.kill('SIGKILL');
	await exit;
	return got;
}

/** Waits until the server has finished with the dead process; how many of the claims that were cut it committed after all. */
async function whatWasCommitted(db: TestDatabase, pid: number, got: number): Promise<number> {
	const committed = async () => {
		const [row] = await db.admin.execute<{ n: number }>(
			sql`select count(distinct claim)::int as n from e8_claims`
		);
		return row!.n;
	};
	const name = `e8-${pid}`;
	for (;;) {
		const [row] = await db.admin.execute<{ n: number }>(
			sql`select count(*)::int as n from pg_stat_activity where application_name = ${name}`
		);
		if (!row?.n) break;
		await sleep(3);
	}
	const n = await committed();
	await db.admin.execute(sql`truncate e8_claims`);
	return Math.max(0, n - got);
}

/** Keeps each claim that was committed. */
export async function watchClaims(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table e8_claims (claim uuid)`);
	await db.admin.execute(sql`
		create function watch_claims() returns trigger language plpgsql security definer set search_path = public as $$
		begin insert into e8_claims values (new.claim); return null; end $$`);
	await db.admin.execute(sql`
		create trigger watch_claims after update on messages for each row
			when (old.status = 'queued' and new.status = 'claimed') execute function watch_claims()`);
}

/** Two periods of the lease go by after the last death. @returns messages that are still held by somebody */
export async function stuckAfterTwoLeases(db: TestDatabase): Promise<number> {
	for (let half = 0; half < 4; half++) await halfLease(db);
	const [row] = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from messages where status in ('claimed', 'sending')`
	);
	return row!.n;
}

export { channels };
