import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../../src/lib/server/channels/email/smtpPool.ts';
import { newId } from '../../../src/lib/server/db/id.ts';
import { emailRelays } from '../../../src/lib/server/db/schema/channels.ts';
import { makeChannelWorld, queue, type ChannelWorld, type Queued } from '../../support/channelWorld.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { email, planOf } from '../../support/engineWorld.ts';
import { startFaultySmtp, type FaultySmtp } from '../../support/faultySmtp.ts';
import { outcomeOf, type SmtpCase } from '../../support/smtpCases.ts';

/** One organization whose relay misbehaves, one that uses the deployment's. */
export type Orgs = { victim: ChannelWorld; other: ChannelWorld };
/** What a recipient meets; before that nobody knows who it is about. */
const perRecipient = new Set<SmtpCase[0]>(['rcpt', 'data', 'body', 'dot', 'afterAccept']);
const NEIGHBOURS = 5;
const LINES = 60;

export async function makeOrgs(db: TestDatabase): Promise<Orgs> {
	const plan = planOf([email('first')]);
	const orgs = { victim: await makeChannelWorld(db, plan), other: await makeChannelWorld(db, plan) };
	await db.admin.execute(sql`update organizations set emails_per_day = 1000000`);
	return orgs;
}

async function useRelay(db: TestDatabase, { orgId }: ChannelWorld, port: number): Promise<void> {
	await db.admin.execute(sql`delete from email_relays where org_id = ${orgId}`);
	await db.admin
		.insert(emailRelays)
		.values({ orgId, id: newId(), host: '127.0.0.1', port, security: 'none', username: '' });
}

async function portNobodyHas(): Promise<number> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	await new Promise<void>((done) => server.close(() => done()));
	return typeof address === 'object' && address ? address.port : 1;
}

export type Met = {
	right: number;
	found: string;
	duplicates: number;
	neighbours: number;
	neighboursServed: number;
};

/** Sends the mails of one case, with neighbours at the same relay where they can be told apart, and at another one. */
export async function meetCase(
	db: TestDatabase,
	{ victim, other }: Orgs,
	[at, how, meaning]: SmtpCase,
	{ n, each }: { n: number; each: number }
): Promise<Met> {
	const relay = await startFaultySmtp({ pipelining: n % 2 === 1 });
	try {
		await useRelay(db, victim, at === 'refuse' ? await portNobodyHas() : Number(new URL(relay.url).port));
		const people = (name: string, count: number) =>
			Array.from({ length: count }, (_, i) => ({ to: `${name}${n}-${i}@faulty.example` }));
		const hit = people('case', each);
		if (perRecipient.has(at)) for (const { to } of hit) setFault(relay, to, at, how);
		else if (at !== 'refuse') relay.setGlobal({ at, how });
		const queued = await queue(db, victim, 'first', hit);
		// Who shares a sender that is paused waits with it: that is what a pause is for (EXE-11).
		const sharesRelay = perRecipient.has(at) && meaning !== 'sender';
		const near = sharesRelay ? await queue(db, victim, 'first', people('near', NEIGHBOURS)) : [];
		const far = await queue(db, other, 'first', people('far', NEIGHBOURS));
		await sendMessages(db.worker, 'email', { concurrency: LINES, batch: 400 });
		const outcomes = await readOutcomes(db, queued);
		const served = await readOutcomes(db, [...near, ...far]);
		const wanted = JSON.stringify(outcomeOf[meaning]);
		const texts = outcomes.map((one) => JSON.stringify(one));
		return {
			right: texts.filter((text) => text === wanted).length,
			found: [...new Set(texts)].join(' '),
			duplicates: duplicatesAt(relay),
			neighbours: near.length + far.length,
			neighboursServed: served.filter(({ status }) => status === 'sent').length
		};
	} finally {
		await rest(db, victim);
		closeSmtpPools();
		await relay.stop();
	}
}

const setFault = (relay: FaultySmtp, to: string, at: SmtpCase[0], how: SmtpCase[1]) => {
	if (at !== 'refuse') relay.setFault(to, { at, how });
};

const duplicatesAt = ({ received }: FaultySmtp): number => {
	const taken = received.filter(({ accepted }) => accepted).map(({ to }) => to);
	return taken.length - new Set(taken).size;
};

async function readOutcomes(db: TestDatabase, queued: readonly Queued[]) {
	const ids = sql.param(queued.map(({ messageId }) => messageId));
	const rows = await db.admin.execute<{
		status: string;
		wait_reason: string | null;
		responses: string[];
	}>(sql`
		select m.status, m.wait_reason, coalesce((select jsonb_agg(r.kind || coalesce('/' || r.parameter, '')
				|| coalesce(' ' || (r.detail ->> 'reason'), '') order by r.id)
			from responses r where r.enrollment_id = m.enrollment_id), '[]') as responses
		from messages m where m.id = any(${ids}::uuid[])`);
	return rows.map(({ status, wait_reason, responses }) => ({ status, wait_reason, responses }));
}

/** Nothing of this case waits for the next one. */
async function rest(db: TestDatabase, { orgId, senderId }: ChannelWorld): Promise<void> {
	await db.admin.execute(
		sql`update messages set status = 'cancelled' where org_id = ${orgId} and status = 'queued'`
	);
	await db.admin.execute(
		sql`update senders set status = 'active', failures = 0, paused_until = null where id = ${senderId}`
	);
}
