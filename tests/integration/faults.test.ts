import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterEach } from 'vitest';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { startInboundSmtp } from '../../src/lib/server/channels/email/inboundSmtp.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { makeCollision, readCollision } from '../faults/E11/collide.ts';
import { noteAttempts, readAttempts, shiftToLast } from '../faults/E17/attempts.ts';
import { sendThroughFaults } from '../faults/E18/sendAll.ts';
import { tellAll } from '../faults/E19/tellAll.ts';
import { makeEvents, readEffects } from '../faults/E19/worldEvents.ts';
import { makeDueSoon, readPunctuality } from '../faults/E21/dueSoon.ts';
import { makeChannelWorld, queue, startInbox } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf, runEngine } from '../support/engineWorld.ts';
import { startSmtpSink } from '../support/smtpSink.ts';

const SEED = 20_260_531;

/** The database's clock is right again, and nothing of one test is due in the next. */
const tidy = async (db: TestDatabase) => {
	await db.admin.execute(sql`update app.clock set shift = '0'`);
	await db.admin.execute(sql`update messages set status = 'cancelled' where status = 'queued'`);
	await db.admin.execute(sql`update cadences set state = 'inactive'`);
	await db.admin.execute(sql`delete from responses`);
};
afterEach(() => closeSmtpPools());

test('E11: un-enrollment wins over a delay that runs out, a response that triggers and a mail that waits', async ({
	db
}) => {
	const sink = await startSmtpSink();
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const collision = await makeCollision(db, 60);
		await sendMessages(db.worker, 'email');
		await runEngine(db);
		await sendMessages(db.worker, 'email');
		expect(await readCollision(db, collision)).toEqual({
			unenrolled: 60,
			live: 0,
			otherEnds: 0,
			handedOver: 0,
			withdrawn: 20,
			actionsAfter: 0
		});
		expect(sink.mails).toEqual([]);
	} finally {
		await sink.stop();
		await tidy(db);
	}
});

test('E17: a relay that was away for six hours: the schedule is kept, nothing is dropped or sent twice', async ({
	db
}) => {
	const mails = 40;
	const sink = await startSmtpSink();
	try {
		useConfig(db.urls, { SMTP_URL: 'smtp://127.0.0.1:1' });
		const world = await makeChannelWorld(db, planOf([email('first')]));
		await noteAttempts(db);
		const people = Array.from({ length: mails }, (_, i) => ({ to: `w${i}@people.example` }));
		await queue(db, world, 'first', people);
		for (let round = 0; round < 6; round++) {
			await sendMessages(db.worker, 'email');
			await shiftToLast(db, world.orgId);
		}
		useConfig(db.urls, { SMTP_URL: sink.url });
		closeSmtpPools();
		await sendMessages(db.worker, 'email');
		expect(await readAttempts(db, world.orgId)).toMatchObject({
			attempts: mails * 7,
			waits: mails * 6,
			offSchedule: 0,
			tooEarly: 0,
			sent: mails
		});
		expect(new Set(sink.mails.map((mail) => mail.messageId)).size).toBe(mails);
		expect(sink.mails).toHaveLength(mails);
	} finally {
		await sink.stop();
		await tidy(db);
	}
});

test('E18: WhatsApp through an API that fails: no second POST after ambiguity, all resolved, nothing goes back', async ({
	db
}) => {
	useConfig(db.urls);
	const end = await sendThroughFaults(db, { messages: 60, silent: 0, random: seededRandom(SEED) });
	expect(end.ambiguous).toBeGreaterThan(5);
	expect(end).toMatchObject({
		secondAfterAmbiguity: 0,
		takenTwice: 0,
		neverPosted: 0,
		doubtfulBefore: end.ambiguous,
		doubtful: end.lostForGood,
		other: 0,
		regressions: 0,
		repeated: 0
	});
	await tidy(db);
	await db.admin.execute(sql`delete from whatsapp_accounts`);
});

test('E19: events from outside, one to five times each and in any order, have one effect each', async ({
	db
}) => {
	useConfig(db.urls);
	const inbox = await startInbox(db);
	const mail = await startInboundSmtp(db.worker, { host: '127.0.0.1', port: 0 });
	try {
		const { orgId, events, replies } = await makeEvents(db, 120);
		const doors = { origin: inbox.origin, smtpPort: mail.port };
		const { copies, again } = await tellAll(events, doors, seededRandom(SEED));
		expect(copies).toBeGreaterThan(events.length);
		// What a busy machine does not take at once comes again, as from any provider.
		expect(again).toBeLessThan(copies / 20);
		expect(await readEffects(db, orgId)).toEqual({ responses: 120, distinct: 120, inbound: replies });
	} finally {
		await mail.stop();
		await inbox.stop();
		await tidy(db);
	}
});

/** The engine in a process whose clock is wrong, until nothing is due. */
const passWithClock = (db: TestDatabase, shiftMs: number) =>
	new Promise<void>((done, failed) => {
		const child = spawn(
			process.execPath,
			[
				'--import',
				new URL('../support/shiftDatePreload.ts', import.meta.url).href,
				fileURLToPath(new URL('../support/enginePass.ts', import.meta.url)),
				db.urls.worker
			],
			{ env: { ...process.env, CLOCK_SHIFT_MS: String(shiftMs) }, stdio: ['ignore', 'ignore', 'inherit'] }
		);
		child.on('error', failed);
		child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`exit ${code}`))));
	});

test('E21: a worker whose clock is an hour wrong is neither early nor late', async ({ db }) => {
	await makeDueSoon(db, { runs: 20, afterSeconds: 1800, withinSeconds: 60 });
	await passWithClock(db, 3_600_000);
	expect(await readPunctuality(db)).toMatchObject({ begun: 0 });
	await db.admin.execute(sql`update app.clock set shift = '32 minutes'`);
	await passWithClock(db, -3_600_000);
	const [early] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from action_runs a join steps_due d using (enrollment_id)
		where a.action_id = 'step' and a.started_at < d.due_at`);
	expect([(await readPunctuality(db)).begun, early!.n]).toEqual([20, 0]);
	await tidy(db);
}, 60_000);
