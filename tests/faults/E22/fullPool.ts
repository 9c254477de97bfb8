import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { setConfig } from '../../../src/lib/server/config.ts';
import { withOrg, type Db } from '../../../src/lib/server/db/client.ts';
import { closeWebDb, getWebDb } from '../../../src/lib/server/db/pools.ts';
import { toDomainError } from '../../../src/lib/server/httpErrors.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { useConfig } from '../../support/config.ts';

const nobody = '00000000-0000-0000-0000-000000000000';
const CALLERS = 50;
/** Statements of the database that were ended for waiting on each other. */
const DEADLOCK = '40P01';

type Outcome = { ms: number; ok: boolean; code: string; unavailable: boolean };
export type FullPool = {
	/** One of two connections held: everybody is served by the other. */
	servedBesideOne: number;
	besideOneMs: number;
	/** Both held: everybody is told, in so many ms at most. */
	refused: number;
	slowestRefusalMs: number;
	toldAsUnavailable: number;
	/** From the release until 50 new callers are served. */
	recoveredMs: number;
	servedAfter: number;
	deadlocks: number;
	/** Sessions of the pool that were in a transaction when all was over. */
	leftInTransaction: number;
};

/** Half of the callers open a transaction, half ask one statement. */
async function callers(db: Db): Promise<Outcome[]> {
	return Promise.all(
		Array.from({ length: CALLERS }, async (_, i): Promise<Outcome> => {
			const started = performance.now();
			const call = i % 2 ? db.execute(sql`select 1`) : withOrg(db, nobody, (tx) => tx.execute(sql`select 1`));
			const error: unknown = await call.then(
				() => null,
				(reason: unknown) => reason
			);
			const cause = (error as { cause?: { code?: string } } | null)?.cause;
			return {
				ms: performance.now() - started,
				ok: error === null,
				code: cause?.code ?? (error as { code?: string } | null)?.code ?? '',
				unavailable: toDomainError(error)?.code === 'unavailable'
			};
		})
	);
}

/** Keeps connections of the pool inside transactions until it is told to let go. */
async function hold(db: Db, count: number): Promise<() => Promise<void>> {
	const release = Promise.withResolvers<void>();
	const held = Array.from({ length: count }, () => {
		const begun = Promise.withResolvers<void>();
		const done = db.transaction(async (tx) => {
			await tx.execute(sql`select 1`);
			begun.resolve();
			await release.promise;
		});
		return { begun: begun.promise, done };
	});
	await Promise.all(held.map((one) => one.begun));
	return async () => {
		release.resolve();
		await Promise.all(held.map((one) => one.done));
	};
}

/** E22: the web pool of a deployment with DATABASE_POOL=2, as a process makes it. */
export async function fillPool(db: TestDatabase): Promise<FullPool> {
	useConfig(db.urls, { DATABASE_POOL: '2' });
	const pool = getWebDb();
	try {
		const letOne = await hold(pool, 1);
		const started = performance.now();
		const beside = await callers(pool);
		const besideOneMs = performance.now() - started;
		await letOne();
		const letBoth = await hold(pool, 2);
		const refused = await callers(pool);
		const released = performance.now();
		await letBoth();
		const after = await callers(pool);
		const recoveredMs = performance.now() - released;
		await sleep(50);
		const [left] = await db.admin.execute<{ n: number }>(sql`
			select count(*)::int as n from pg_stat_activity where datname = current_database()
				and application_name = 'cadenza-web' and state like 'idle in transaction%'`);
		return {
			servedBesideOne: beside.filter(({ ok }) => ok).length,
			besideOneMs: Math.round(besideOneMs),
			refused: refused.filter(({ ok }) => !ok).length,
			slowestRefusalMs: Math.round(Math.max(...refused.map(({ ms }) => ms))),
			toldAsUnavailable: refused.filter(({ unavailable }) => unavailable).length,
			recoveredMs: Math.round(recoveredMs),
			servedAfter: after.filter(({ ok }) => ok).length,
			deadlocks: [...beside, ...refused, ...after].filter(({ code }) => code === DEADLOCK).length,
			leftInTransaction: left!.n
		};
	} finally {
		await closeWebDb();
		setConfig(undefined);
	}
}
