import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { receiveMail } from '../../src/lib/server/channels/email/receiveMail.ts';
import { createAddressTag } from '../../src/lib/server/channels/tokens.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { deliver, makeChannelWorld, queue, responsesTo } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
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

let domains = 0;
/** A mail of an organization of its own, handed over. */
async function sentMail(db: TestDatabase, to: string) {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const domain = `odd${domains++}.example`;
	await db.admin.execute(sql`update organizations set mail_domain = ${domain} where id = ${world.orgId}`);
	const [one] = await queue(db, world, 'first', [{ to }]);
	await deliver(db);
	await db.admin.execute(sql`delete from responses where enrollment_id = ${one!.enrollmentId}`);
	const rfcId = sink.mails.find((mail) => mail.to[0] === to)!.messageId;
	return { ...one!, world, domain, rfcId, tag: `r+${createAddressTag(one!.messageId)}@${domain}` };
}

type Sent = Awaited<ReturnType<typeof sentMail>>;

let serial = 0;
const raw = (headers: Record<string, string>, body: string) =>
	Buffer.from(
		Object.entries({ 'Message-ID': `<odd-${serial++}@outside.example>`, ...headers })
			.map(([name, value]) => `${name}: ${value}\r\n`)
			.join('') + `\r\n${body}\r\n`
	);
const utf8 = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' };

const receive = (db: TestDatabase, to: string, bytes: Buffer, envelopeFrom = 'odd@people.example') =>
	receiveMail(db.worker, { envelopeFrom, recipients: [to], raw: bytes });

test('CHA-1, CHA-4: a reply is taken wherever its notice is cut, and whatever its headers hold', async ({
	db
}) => {
	const cut = await sentMail(db, 'cut@people.example');
	const from = { From: 'cut@people.example', 'In-Reply-To': cut.rfcId };
	const half = `${'x'.repeat(199)}\u{1f600} yes`;
	expect(await receive(db, cut.tag, raw({ ...from, ...utf8 }, half))).toBe('reply');
	expect(await responsesTo(db, cut.enrollmentId)).toEqual(['replied']);
	const odd: Record<string, string>[] = [
		{ 'In-Reply-To': '<a\0b@x.example>' },
		{ References: '<a\0b@x.example>' },
		{ 'Message-ID': '<m\0n@x.example>' },
		{ 'Message-ID': `<${'m'.repeat(193)}\u{1f600}n@x.example>` },
		{ Subject: `=?utf-8?B?${Buffer.from('a\0b').toString('base64')}?=` }
	];
	for (const headers of odd)
		expect([
			headers,
			await receive(db, cut.tag, raw({ From: 'cut@people.example', ...headers }, '\0'))
		]).toEqual([headers, 'reply']);
});

const report = (type: string, machine: string, original: string, encoding = '7bit') =>
	raw(
		{ From: 'MAILER-DAEMON@mx.example', 'Content-Type': `multipart/report; report-type=x; boundary="b1"` },
		[
			`--b1\r\nContent-Type: message/${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${machine}\r\n`,
			`--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${original}\r\n\r\n--b1--`
		].join('\r\n')
	);
const groups = (to: string, diagnostic: string) =>
	`Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; ${to}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; ${diagnostic}`;

test('EXE-11, CHA-2: a bounce or complaint acts, whatever its words hold', async ({ db }) => {
	const mails = [];
	for (const name of ['nul', 'half', 'complains']) mails.push(await sentMail(db, `${name}@bounces.example`));
	const [nul, half, complains] = mails as [Sent, Sent, Sent];
	const status = 'delivery-status';
	const encoded = Buffer.from(groups(half.to, `${'x'.repeat(293)}\u{1f600}`)).toString('base64');
	const cases: [Sent, Buffer, string, string[]][] = [
		[nul, report(status, groups(nul.to, '550 no'), '<a\0@x>'), 'ignored', []],
		[
			nul,
			report(status, groups(nul.to, '550 no \0 user'), nul.rfcId),
			'bounce',
			['bounced/hard address_bounced']
		],
		[half, report(status, encoded, half.rfcId, 'base64'), 'bounce', ['bounced/hard address_bounced']],
		[
			complains,
			report('feedback-report', 'Feedback-Type: abu\0se', complains.rfcId),
			'complaint',
			['unsubscribed']
		]
	];
	for (const [mail, bytes, kind, responses] of cases) {
		expect(await receive(db, `postmaster@${mail.domain}`, bytes, '')).toBe(kind);
		expect(await responsesTo(db, mail.enrollmentId)).toEqual(responses);
	}
});

test('CHA-1: mail to one organization that names the mail of another is not shown to that one', async ({
	db
}) => {
	const theirs = await sentMail(db, 'both@people.example');
	const ours = await sentMail(db, 'else@people.example');
	const words = raw({ From: theirs.to, 'In-Reply-To': theirs.rfcId }, 'They offer me this. What do you say?');
	expect(await receive(db, `info@${ours.domain}`, words)).toBe('unmatched');
	const bounce = report('delivery-status', groups(theirs.to, '550 no'), theirs.rfcId);
	expect(await receive(db, `info@${ours.domain}`, bounce, '')).toBe('ignored');
	expect(await responsesTo(db, theirs.enrollmentId)).toEqual([]);
	const kept = await db.admin.execute(
		sql`select org_id, kind from inbound_messages where org_id in (${theirs.world.orgId}, ${ours.world.orgId})`
	);
	expect(kept.map((row) => ({ ...row }))).toEqual([{ org_id: ours.world.orgId, kind: 'unmatched' }]);
});
