import { createTransport } from 'nodemailer';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { startInboundSmtp, type InboundSmtp } from '../../src/lib/server/channels/email/inboundSmtp.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { deliver, makeChannelWorld, queue, responsesTo, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test as base, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtpSink.ts';

let sink: SmtpSink;
beforeAll(async () => {
	sink = await startSmtpSink();
});
afterAll(async () => {
	setConfig(undefined);
	await sink.stop();
});
const test = base.extend(
	'listener',
	{ scope: 'file' },
	async ({ db }, { onCleanup }): Promise<InboundSmtp> => {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const listener = await startInboundSmtp(db.worker, { host: '127.0.0.1', port: 0 });
		onCleanup(listener.stop);
		return listener;
	}
);

let domains = 0;
async function sentMail(db: TestDatabase, to: string) {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	// A domain of its own, so that an address alone can be told apart.
	const domain = `org${domains++}.example`;
	await db.admin.execute(sql`update organizations set mail_domain = ${domain} where id = ${world.orgId}`);
	const [one] = await queue(db, world, 'first', [{ to }]);
	await deliver(db);
	await db.admin.execute(sql`delete from responses where enrollment_id = ${one!.enrollmentId}`);
	const sunk = sink.mails.find((mail) => mail.to[0] === to)!;
	const parsed = await sink.parse(sunk);
	const replyTo = parsed.replyTo?.value[0]?.address ?? '';
	return { ...one!, world, domain, rfcId: sunk.messageId, returnPath: sunk.from, replyTo };
}

async function post(
	listener: InboundSmtp,
	envelope: { from: string; to: string },
	raw: string
): Promise<number> {
	const transport = createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true });
	try {
		await transport.sendMail({ envelope, raw: raw.replace(/\r?\n/g, '\r\n') });
		return 250;
	} catch (error) {
		return (error as { responseCode?: number }).responseCode ?? 0;
	} finally {
		transport.close();
	}
}

let serial = 0;
const mailText = (headers: Record<string, string>, body: string) =>
	`${Object.entries({
		'Message-ID': `<in-${serial++}@outside.example>`,
		Date: 'Mon, 23 Nov 2026 10:00:00 +0000',
		...headers
	})
		.map(([name, value]) => `${name}: ${value}`)
		.join('\n')}\n\n${body}\n`;

const inboundOf = async (db: TestDatabase, orgId: string) =>
	(
		await db.admin.execute(
			sql`select kind, from_address, text from inbound_messages where org_id = ${orgId} order by received_at`
		)
	).map((row) => ({ ...row }));

test('CHA-1: a reply is found by In-Reply-To, kept, credited once, and its owner is told', async ({
	db,
	listener
}) => {
	const mail = await sentMail(db, 'replier@people.example');
	const raw = mailText(
		{
			From: 'Replier <replier@people.example>',
			To: mail.replyTo,
			Subject: 'Re: Hi',
			'In-Reply-To': mail.rfcId
		},
		'Yes, call me.'
	);
	for (let i = 0; i < 3; i++)
		expect(await post(listener, { from: 'replier@people.example', to: mail.replyTo }, raw)).toBe(250);
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['replied']);
	expect(await inboundOf(db, mail.world.orgId)).toEqual([
		{ kind: 'reply', from_address: 'replier@people.example', text: expect.stringContaining('Yes, call me.') }
	]);
	expect(await storedMessage(db, mail.messageId)).toMatchObject({ replied: true, opened: true });
	const notices = await db.admin.execute(
		sql`select kind, title, user_id from notifications where org_id = ${mail.world.orgId}`
	);
	expect(notices.map((row) => ({ ...row }))).toEqual([
		{ kind: 'reply', title: 'New reply: Lead 0', user_id: mail.world.actor.userId }
	]);
});

test('CHA-1: without In-Reply-To a reply is found by References, by the signed tag, or by its sender', async ({
	db,
	listener
}) => {
	const one = await sentMail(db, 'refs@people.example');
	await post(
		listener,
		{ from: 'other@people.example', to: `hello@${one.domain}` },
		mailText(
			{
				From: 'other@people.example',
				To: `hello@${one.domain}`,
				Subject: 'Hi',
				References: `<x@y> ${one.rfcId} <z@y>`
			},
			'From my other address'
		)
	);
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['replied']);
	const two = await sentMail(db, 'tag@people.example');
	await post(
		listener,
		{ from: 'else@people.example', to: two.replyTo.toUpperCase() },
		mailText({ From: 'else@people.example', Subject: 'New' }, 'Hello')
	);
	expect(await responsesTo(db, two.enrollmentId)).toEqual(['replied']);
	const three = await sentMail(db, 'probable@people.example');
	await post(
		listener,
		{ from: 'probable@people.example', to: `info@${three.domain}` },
		mailText({ From: 'probable@people.example', Subject: 'New' }, 'Hello')
	);
	expect(await responsesTo(db, three.enrollmentId)).toEqual(['replied']);
	const stranger = await post(
		listener,
		{ from: 's@people.example', to: `info@${three.domain}` },
		mailText({ From: 's@people.example' }, 'Buy')
	);
	expect(stranger).toBe(250);
	expect((await inboundOf(db, three.world.orgId)).map((row) => row['kind'])).toEqual(['reply', 'unmatched']);
});

test('EXE-8: auto-replies, our own copies and bounces are not replies', async ({ db, listener }) => {
	const mail = await sentMail(db, 'away@people.example');
	const reply = {
		From: 'away@people.example',
		To: mail.replyTo,
		Subject: 'Re: Hi',
		'In-Reply-To': mail.rfcId
	};
	const automatic: Record<string, string>[] = [
		{ 'Auto-Submitted': 'auto-replied' },
		{ 'X-Autoreply': 'yes' },
		{ Precedence: 'bulk' },
		{ Subject: 'Automatische Antwort: Ihr Angebot' },
		{ From: 'MAILER-DAEMON@people.example' }
	];
	for (const extra of automatic)
		await post(
			listener,
			{ from: 'away@people.example', to: mail.replyTo },
			mailText({ ...reply, ...extra }, 'I am away until Monday.')
		);
	await post(listener, { from: '', to: mail.replyTo }, mailText(reply, 'null return path'));
	const [sender] = await db.admin.execute(sql`select address from senders where id = ${mail.world.senderId}`);
	await post(
		listener,
		{ from: String(sender!['address']), to: mail.replyTo },
		mailText({ ...reply, From: String(sender!['address']) }, 'A copy')
	);
	expect(await responsesTo(db, mail.enrollmentId)).toEqual([]);
	expect((await inboundOf(db, mail.world.orgId)).map((row) => row['kind'])).toEqual([
		...Array<string>(6).fill('auto_reply'),
		'own'
	]);
});

const dsn = (
	mail: { rfcId: string },
	recipient: string,
	action: string,
	status: string,
	diagnostic: string
) =>
	mailText(
		{
			From: 'MAILER-DAEMON@mx.example',
			Subject: 'Undelivered Mail Returned to Sender',
			'MIME-Version': '1.0',
			'Content-Type': 'multipart/report; report-type=delivery-status;\n boundary="b1"'
		},
		`--b1\nContent-Type: text/plain\n\nSorry.\n\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ${recipient}\nAction: ${action}\nStatus: ${status}\nDiagnostic-Code: smtp; ${diagnostic}\n\n--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: ${mail.rfcId}\nSubject: Hi\n\n--b1--`
	);

test('EXE-11: a bounce is hard or soft by its status, found by return path or Message-ID; a delay is none', async ({
	db,
	listener
}) => {
	const cases = [
		['5.1.1', 'failed', ['bounced/hard address_bounced'], 1, true],
		['5.2.2', 'failed', ['bounced/soft provider_refused'], 0, true],
		['4.4.7', 'failed', ['bounced/soft provider_refused'], 0, false],
		['4.4.1', 'delayed', [], 0, true],
		['5.7.26', 'failed', [], 0, true]
	] as const;
	for (const [i, [status, action, responses, suppressed, verp]] of cases.entries()) {
		const mail = await sentMail(db, `bounce${i}@people.example`);
		const to = verp ? mail.returnPath : `postmaster@${mail.domain}`;
		const raw = dsn(mail, `bounce${i}@people.example`, action, status, `550 ${status} no`);
		for (let copy = 0; copy < 2; copy++) expect(await post(listener, { from: '', to }, raw)).toBe(250);
		expect([status, await responsesTo(db, mail.enrollmentId)]).toEqual([status, responses]);
		const [count] = await db.admin.execute(
			sql`select count(*)::int as n from suppressions where org_id = ${mail.world.orgId}`
		);
		expect([status, count!['n']]).toEqual([status, suppressed]);
		const [sender] = await db.admin.execute(
			sql`select status from senders where id = ${mail.world.senderId}`
		);
		expect([status, sender!['status']]).toEqual([status, status === '5.7.26' ? 'paused' : 'active']);
	}
});

test('EXE-10: a bounce ends the doubt over its message: who reports it has had it', async ({
	db,
	listener
}) => {
	const mail = await sentMail(db, 'doubt@people.example');
	await db.admin.execute(sql`update messages set status = 'unknown' where id = ${mail.messageId}`);
	const listed = () => withOrg(db.web, mail.world.orgId, (tx) => listDoubtful(tx, mail.world.actor));
	expect(await listed()).toHaveLength(1);
	const raw = dsn(mail, 'doubt@people.example', 'failed', '5.1.1', '550 5.1.1 no');
	expect(await post(listener, { from: '', to: mail.returnPath }, raw)).toBe(250);
	expect(await listed()).toEqual([]);
	const [stored] = await db.admin.execute(
		sql`select status, resolution, bounced_at is not null as bounced from messages where id = ${mail.messageId}`
	);
	expect(stored).toEqual({ status: 'sent', resolution: 'evidence', bounced: true });
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['bounced/hard address_bounced']);
});

test('CHA-2: a complaint suppresses the address', async ({ db, listener }) => {
	const mail = await sentMail(db, 'complains@people.example');
	const raw = mailText(
		{
			From: 'fbl@isp.example',
			'MIME-Version': '1.0',
			'Content-Type': 'multipart/report; report-type=feedback-report; boundary=b2'
		},
		`--b2\nContent-Type: text/plain\n\nspam\n\n--b2\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: complains@people.example\n\n--b2\nContent-Type: message/rfc822\n\nMessage-ID: ${mail.rfcId}\n\nHi\n--b2--`
	);
	expect(await post(listener, { from: 'fbl@isp.example', to: `fbl@${mail.domain}` }, raw)).toBe(250);
	expect(await responsesTo(db, mail.enrollmentId)).toEqual(['unsubscribed']);
	const [row] = await db.admin.execute(
		sql`select reason, source from suppressions where org_id = ${mail.world.orgId}`
	);
	expect({ ...row }).toEqual({ reason: 'complaint', source: 'abuse' });
});

test('CHA-1: strangers are refused, junk ends nothing, and forged tags name nobody', async ({
	db,
	listener
}) => {
	const mail = await sentMail(db, 'junk@people.example');
	expect(
		await post(
			listener,
			{ from: 'a@b.example', to: 'nobody@elsewhere.example' },
			mailText({ From: 'a@b.example' }, 'x')
		)
	).toBe(550);
	const forged = mail.returnPath
		.replace(/.@/, (end) => `${end[0] === 'a' ? 'b' : 'a'}@`)
		.replace(mail.domain, 'elsewhere.example');
	expect(
		await post(listener, { from: '', to: forged }, dsn(mail, 'junk@people.example', 'failed', '5.1.1', 'x'))
	).toBe(550);
	const junk = [
		'',
		'\u0000\u0001\u0002 no headers at all',
		'Content-Type: multipart/report; boundary="',
		`Content-Type: multipart/mixed; boundary=x\n\n${'--x\n'.repeat(2000)}`,
		`In-Reply-To: ${'<'.repeat(5000)}\nFrom: ${'"'.repeat(500)}\n\nhello`,
		`Subject: =?utf-8?b?${'/'.repeat(2000)}?=\nFrom: a@b.example\n\n\u0000`
	];
	for (const raw of junk)
		expect(await post(listener, { from: 'j@b.example', to: mail.replyTo }, raw || 'x')).toBe(250);
	expect(
		await post(
			listener,
			{ from: 'ok@b.example', to: mail.replyTo },
			mailText({ From: 'ok@b.example', Subject: 'still there' }, 'yes')
		)
	).toBe(250);
	const kinds = (await inboundOf(db, mail.world.orgId)).map((row) => row['kind']);
	expect(kinds.at(-1)).toBe('reply');
});
