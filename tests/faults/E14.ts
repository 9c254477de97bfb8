import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { createDb, withOrg } from '../../src/lib/server/db/client.ts';
import { makeCadence } from '../support/cadences.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import type { TestDatabase } from '../support/clone.ts';
import { testEnvironment } from '../support/config.ts';
import { makeOrg } from '../support/crm.ts';
import { email, planOf } from '../support/engineWorld.ts';
import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { readSinkLog } from '../support/sinkLog.ts';

const ATTEMPTS = 200;
const QUOTA = 500;
const WORKERS = 16;

/** 200 at once on a standard edition: 20 may exist, 10 of them may be active. */
async function raceForSlots(
	db: TestDatabase
): Promise<{ created: number; active: number; otherErrors: number }> {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	await db.admin.execute(sql`update organizations set edition = 'standard', add_ons = 0 where id = ${orgId}`);
	const pool = createDb(db.urls.web, { name: 'limits', max: 40 });
	try {
		const codes: string[] = [];
		const all = async (work: (i: number) => Promise<unknown>) => {
			const results = await Promise.allSettled(Array.from({ length: ATTEMPTS }, (_, i) => work(i)));
			for (const one of results)
				if (one.status === 'rejected') codes.push(String((one.reason as { code?: string }).code));
		};
		await all((i) =>
			withOrg(pool, orgId, (tx) =>
				createCadence(tx, actor, { name: `C ${i}`, moduleKey: 'leads', enrollment: { kind: 'manual' } })
			)
		);
		const [made] = await db.admin.execute<{ n: number }>(
			sql`select count(*)::int as n from cadences where org_id = ${orgId} and deleted_at is null`
		);
		await db.admin.execute(sql`update cadences set deleted_at = app.now() where org_id = ${orgId}`);
		const ids = await withOrg(pool, orgId, async (tx) => {
			const published: string[] = [];
			for (let i = 0; i < 20; i++) {
				const id = await makeCadence(tx, actor, `P ${i}`);
				await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null, activate: false });
				published.push(id);
			}
			return published;
		});
		await all((i) =>
			withOrg(pool, orgId, (tx) => activateCadence(tx, actor, { cadenceId: ids[i % ids.length]! }))
		);
		const [active] = await db.admin.execute<{ n: number }>(
			sql`select count(*)::int as n from cadences where org_id = ${orgId} and state = 'active' and deleted_at is null`
		);
		return {
			created: made!.n,
			active: active!.n,
			otherErrors: codes.filter((code) => code !== 'limit').length
		};
	} finally {
		await pool.$client.end();
	}
}

/** E14: limits under 200-way concurrency, and a day's mail quota that 16 processes fight for. */
const campaign: FaultCampaign = (context) =>
	inPlace({ sinkDelayMs: 2 }, async ({ db, sink }) => {
		const slots = await raceForSlots(db);
		const mails = scaled(context, 2_000, QUOTA + 100);
		const world = await makeChannelWorld(db, planOf([email('first')]));
		await db.admin.execute(sql`update organizations set emails_per_day = ${QUOTA} where id = ${world.orgId}`);
		await queue(
			db,
			world,
			'first',
			Array.from({ length: mails }, (_, i) => ({ to: `q${i}@people.example` }))
		);
		const children: ChildProcess[] = Array.from({ length: WORKERS }, () =>
			fork(new URL('../support/senderProcess.ts', import.meta.url), {
				env: { ...process.env, ...testEnvironment(db.urls, { SMTP_URL: sink.url }) },
				execArgv: [],
				stdio: ['ignore', 'ignore', 'inherit', 'ipc']
			})
		);
		const count = async () => {
			const [row] = await db.admin.execute<{
				sent: number;
				under: number;
				waiting: number;
				used: number;
			}>(sql`
				select count(*) filter (where status = 'sent')::int as sent,
					count(*) filter (where status in ('claimed', 'sending'))::int as under,
					count(*) filter (where status = 'queued' and wait_reason = 'limit')::int as waiting,
					(select coalesce(sum(used), 0) from email_quotas where org_id = ${world.orgId})::int as used
				from messages where org_id = ${world.orgId}`);
			return row!;
		};
		try {
			await Promise.all(children.map((child) => new Promise((done) => child.once('message', done))));
			const until = Date.now() + 90_000;
			for (let now = await count(); Date.now() < until; now = await count()) {
				if (now.sent >= QUOTA && now.under === 0 && now.sent + now.waiting === mails) break;
				await sleep(200);
			}
			// Whoever would go over it has the time to.
			await sleep(2_000);
		} finally {
			for (const child of children) child.kill('SIGKILL');
		}
		const end = await count();
		await sink.stop();
		const atSink = new Set(
			readSinkLog(sink.logFile).flatMap((entry) => (entry.event === 'mail' ? entry.to : []))
		).size;
		return conclude(context, { ...slots, mails, processes: WORKERS, ...end, atSink }, [
			['exactly 20 created of 200', slots.created === 20],
			['exactly 10 active', slots.active === 10],
			['everybody else was told of the limit', slots.otherErrors === 0],
			['exactly 500 mails sent', end.sent === QUOTA && atSink === QUOTA && end.used === QUOTA],
			['the others wait for tomorrow', end.waiting === mails - QUOTA]
		]);
	});
export default campaign;
