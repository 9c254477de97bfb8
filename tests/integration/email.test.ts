import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import {
	addTemplate,
	deliver,
	makeChannelWorld,
	queue,
	responsesTo,
	storedMessage
} from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, email, exit, planOf, days } from '../support/engineWorld.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtpSink.ts';

let sink: SmtpSink;
beforeAll(async () => {
	sink = await startSmtpSink();
});
afterEach(async () => {
	sink.mails.length = 0;
});
afterAll(async () => {
	setConfig(undefined);
	await sink.stop();
});

const plan = planOf([
	email('first', [branch('first', { response: 'sent' }, 'second', days(3))]),
	email('second', [branch('second', { response: 'replied' }, 'done')], { threaded: true }),
	exit('done')
]);
const html = `<p>Hi {{lead.firstName | default: "there"}},</p><p><a href="https://site.example/a?x=1&amp;y=2">Guide</a>
	<a href="https://site.example/b">Dates</a></p><p><a href="{{unsubscribeLink}}">Unsubscribe</a></p>`;

test('CHA-1: a mail carries our Message-ID, one recipient, VERP, both unsubscribe headers, a text part and tracked links', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url, ORIGIN: 'https://app.example' });
	const world = await makeChannelWorld(db, plan, { subject: 'For {{lead.firstName}}', html });
	const [one] = await queue(db, world, 'first', [
		{ to: 'ann@people.example', data: { firstName: 'Ann <b>&' } }
	]);
	expect(await deliver(db)).toBe(1);
	expect(sink.mails).toHaveLength(1);
	const [sunk] = sink.mails;
	expect(sunk!.to).toEqual(['ann@people.example']);
	expect(sunk!.from).toMatch(/^b\+[0-9a-z]{50}@mail\.example$/);
	expect(sunk!.messageId).toMatch(
		/^<[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}@mail\.example>$/
	);
	const mail = await sink.parse(sunk!);
	expect(mail.subject).toBe('For Ann <b>&');
	expect(sunk!.raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
	expect(sunk!.raw).toMatch(/List-Unsubscribe:\s+<https:\/\/app\.example\/u\/[\w-]{43}>/);
	expect(mail.html).toContain('Hi Ann &lt;b&gt;&amp;,');
	expect(mail.html).toMatch(
		/href="https:\/\/app\.example\/t\/c\/[\w-]{46}"[\s\S]*href="https:\/\/app\.example\/t\/c\/[\w-]{46}"/
	);
	expect(mail.html).toMatch(/<img src="https:\/\/app\.example\/t\/o\/[\w-]{43}\.gif"/);
	expect(mail.html).toMatch(/href="https:\/\/app\.example\/u\/[\w-]{43}">Unsubscribe/);
	expect(mail.text).toContain('Hi Ann <b>&,');
	const stored = await storedMessage(db, one!.messageId);
	expect(stored).toMatchObject({ status: 'sent', attempt: 1 });
	const [row] = await db.admin.execute(sql`select links, html from messages where id = ${one!.messageId}`);
	expect(row!['links']).toEqual(['https://site.example/a?x=1&y=2', 'https://site.example/b']);
	expect(await responsesTo(db, one!.enrollmentId)).toEqual(['sent']);
});

test('GRA-8: a threaded mail answers the one before, under the same subject', async ({ db }) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan, { subject: 'First subject', html });
	const [one] = await queue(db, world, 'first', [{ to: 'thread@people.example' }]);
	await deliver(db);
	const parent = sink.mails[0]!.messageId;
	const other = await addTemplate(db, world, 'Second subject', '<p>More</p>');
	await db.admin.execute(
		sql`update enrollments set race = jsonb_set(race, '{actionId}', '"second"'), current_action_id = 'second' where id = ${one!.enrollmentId}`
	);
	await db.admin.execute(sql`
		with a as (insert into action_runs (org_id, id, enrollment_id, run_no, action_id, kind, status)
			values (${world.orgId}, app.new_id(), ${one!.enrollmentId}, 1, 'second', 'email', 'queued') returning org_id, id)
		insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id, template_id, sender_id, to_address)
		select org_id, app.new_id(), 'email', id, ${one!.enrollmentId}, 1, 'second', ${world.cadenceId}, ${one!.recordId}, ${other}, ${world.senderId}, 'thread@people.example' from a`);
	await deliver(db);
	const mail = await sink.parse(sink.mails[1]!);
	expect(mail.inReplyTo).toBe(parent);
	expect(mail.references).toBe(parent);
	expect(mail.subject).toBe('First subject');
});

test('EXE-5: someone unsubscribed or opted out is skipped and the race opens, an address that bounced fails (EXE-11)', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan);
	const [gone, out, bounced, both, fine] = await queue(db, world, 'first', [
		{ to: 'gone@people.example' },
		{ to: 'out@people.example' },
		{ to: 'bounced@people.example' },
		{ to: 'both@people.example' },
		{ to: 'fine@people.example' }
	]);
	for (const [address, reason] of [
		['gone@people.example', 'unsubscribed'],
		['bounced@people.example', 'bounced'],
		['both@people.example', 'bounced'],
		['both@people.example', 'complaint']
	])
		await db.admin.execute(sql`insert into suppressions (org_id, id, channel, address, reason)
			values (${world.orgId}, app.new_id(), 'email', ${address!}, ${reason!})`);
	await db.admin.execute(sql`update records set email_opt_out = true where id = ${out!.recordId}`);
	await deliver(db);
	expect(sink.mails.map((mail) => mail.to[0])).toEqual(['fine@people.example']);
	expect(await storedMessage(db, gone!.messageId)).toMatchObject({ status: 'cancelled', quota_day: null });
	expect(await responsesTo(db, gone!.enrollmentId)).toEqual(['sent skipped:unsubscribed']);
	expect(await responsesTo(db, out!.enrollmentId)).toEqual(['sent skipped:opt_out']);
	expect(await responsesTo(db, both!.enrollmentId)).toEqual(['sent skipped:unsubscribed']);
	expect(await storedMessage(db, bounced!.messageId)).toMatchObject({
		status: 'failed',
		error_code: 'address_bounced'
	});
	expect(await responsesTo(db, bounced!.enrollmentId)).toEqual(['failed address_bounced']);
	expect(await responsesTo(db, fine!.enrollmentId)).toEqual(['sent']);
});

test('EXE-6: exactly the daily limit goes out, with parallel claims; the rest goes the next org day in due order', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan);
	await db.admin.execute(
		sql`update organizations set emails_per_day = 30, time_zone = 'America/New_York' where id = ${world.orgId}`
	);
	const people = Array.from({ length: 70 }, (_, i) => ({
		to: `p${String(i).padStart(2, '0')}@people.example`
	}));
	const queued = await queue(db, world, 'first', people);
	await db.admin
		.execute(sql`update messages m set not_before = app.now() - interval '10 minutes' + n * interval '1 second'
		from jsonb_to_recordset(${JSON.stringify(queued.map(({ messageId }, n) => ({ messageId, n })))}::jsonb) as k("messageId" uuid, n int)
		where m.id = k."messageId"`);
	await Promise.all(Array.from({ length: 4 }, () => sendMessages(db.worker, 'email', { batch: 7 })));
	expect(sink.mails).toHaveLength(30);
	expect(sink.mails.map((mail) => mail.to[0]!).sort()).toEqual(people.slice(0, 30).map((one) => one.to));
	const last = await storedMessage(db, queued.at(-1)!.messageId);
	expect(last).toMatchObject({ status: 'queued', wait_reason: 'limit' });
	const [day] = await db.admin
		.execute(sql`select extract(hour from not_before at time zone 'America/New_York')::int as hour
		from messages where id = ${last.id}`);
	expect(day!['hour']).toBe(0);
	try {
		await shiftClock(db, '25 hours');
		await deliver(db);
		expect(sink.mails).toHaveLength(60);
		expect(
			sink.mails
				.slice(30)
				.map((mail) => mail.to[0]!)
				.sort()
		).toEqual(people.slice(30, 60).map((one) => one.to));
		const [quota] = await db.admin.execute(
			sql`select array_agg(used order by day) as used from email_quotas where org_id = ${world.orgId}`
		);
		expect(quota!['used']).toEqual([30, 30]);
	} finally {
		await shiftClock(db, '0');
	}
});

test('EXE-2: run, cadence, un-enrollment and window are looked at again at hand-over', async ({ db }) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const now = new Date();
	const closed = `${String((now.getUTCHours() + 2) % 24).padStart(2, '0')}:00`;
	const until = `${String((now.getUTCHours() + 3) % 24).padStart(2, '0')}:00`;
	const windowed = await makeChannelWorld(db, {
		...plan,
		settings: { ...plan.settings, window: { from: closed, to: until } }
	});
	const [later] = await queue(db, windowed, 'first', [{ to: 'later@people.example' }]);
	const rules = {
		...plan.settings.unenroll,
		criteria: { field: 'lastName', op: 'is' as const, value: 'Lead 0' }
	};
	const leaving = await makeChannelWorld(db, { ...plan, settings: { ...plan.settings, unenroll: rules } });
	const [left, stays] = await queue(db, leaving, 'first', [
		{ to: 'left@people.example' },
		{ to: 'stays@people.example' }
	]);
	const world = await makeChannelWorld(db, plan);
	const [ended, moved, paused] = await queue(db, world, 'first', [
		{ to: 'ended@people.example' },
		{ to: 'moved@people.example' },
		{ to: 'paused@people.example' }
	]);
	await db.admin.execute(
		sql`update enrollments set status = 'stopped', end_reason = 'manual' where id = ${ended!.enrollmentId}`
	);
	await db.admin.execute(
		sql`update enrollments set race = jsonb_set(race, '{actionId}', '"second"') where id = ${moved!.enrollmentId}`
	);
	await db.admin.execute(sql`update enrollments set status = 'paused' where id = ${paused!.enrollmentId}`);
	const halted = await makeChannelWorld(db, plan);
	const [idle] = await queue(db, halted, 'first', [{ to: 'idle@people.example' }]);
	await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${halted.cadenceId}`);
	await deliver(db);
	expect(sink.mails.map((mail) => mail.to[0])).toEqual(['stays@people.example']);
	expect(await storedMessage(db, stays!.messageId)).toMatchObject({ status: 'sent' });
	expect(await storedMessage(db, left!.messageId)).toMatchObject({ status: 'cancelled' });
	const waits = await storedMessage(db, later!.messageId);
	expect(waits).toMatchObject({ status: 'queued', wait_reason: 'window' });
	expect(waits.wait_minutes).toBeGreaterThan(55);
	expect(await storedMessage(db, ended!.messageId)).toMatchObject({ status: 'cancelled' });
	expect(await storedMessage(db, moved!.messageId)).toMatchObject({ status: 'cancelled' });
	expect(await storedMessage(db, paused!.messageId)).toMatchObject({
		status: 'queued',
		wait_reason: 'paused'
	});
	expect(await storedMessage(db, idle!.messageId)).toMatchObject({
		status: 'queued',
		wait_reason: 'cadence_inactive'
	});
});

test('S10: hostile names, subjects and addresses leave one recipient and no header of theirs', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan, {
		subject: 'Hello {{lead.firstName}}',
		html: '<p>{{lead.firstName}}</p>'
	});
	const evil = [
		'Ann\r\nBcc: evil@x.example',
		'Ann\u2028X-Evil: 1',
		'=?utf-8?q?=0D=0ABcc:_x@y.example?=',
		'a"><script>alert(1)</script>'
	];
	await db.admin.execute(
		sql`update senders set name = ${'Ada\r\nBcc: evil@x.example <evil@x.example>'} where id = ${world.senderId}`
	);
	await queue(db, world, 'first', [
		...evil.map((firstName, i) => ({ to: `ok${i}@people.example`, data: { firstName } })),
		{ to: 'a@people.example, evil@x.example' },
		{ to: 'a@people.example\r\nRCPT TO:<evil@x.example>' }
	]);
	await deliver(db);
	expect(sink.mails).toHaveLength(evil.length);
	for (const sunk of sink.mails) {
		expect(sunk.to).toHaveLength(1);
		const mail = await sink.parse(sunk);
		expect([...mail.headers.keys()].filter((name) => name === 'bcc' || name.startsWith('x-'))).toEqual([]);
		expect(mail.html).not.toContain('<script');
		expect(JSON.stringify(mail.from?.value)).not.toContain('"address":"evil');
	}
});

test('RELIABILITY 2.2: two claimers never hold the same message, and a claim waits while a cadence is being published', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan);
	await queue(
		db,
		world,
		'first',
		Array.from({ length: 40 }, (_, i) => ({ to: `c${i}@people.example` }))
	);
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${world.cadenceId}::uuid))`);
		const claim = await claimMessages(db.worker, 'email');
		expect(claim.messages).toHaveLength(0);
	});
	const claims = await Promise.all(Array.from({ length: 4 }, () => claimMessages(db.worker, 'email', 15)));
	const ids = claims.flatMap((claim) => claim.messages.map((message) => message.id));
	expect(new Set(ids).size).toBe(ids.length);
	expect(ids.length).toBeGreaterThan(14);
	await db.admin.execute(sql`update messages set status = 'cancelled' where org_id = ${world.orgId}`);
});
