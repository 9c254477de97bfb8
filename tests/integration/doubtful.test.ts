import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { assumeSent, sendAgain } from '../../src/lib/server/channels/resolveDoubtful.ts';
import { sendTestMail } from '../../src/lib/server/channels/email/sendTestMail.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { liftSuppression } from '../../src/lib/server/suppressions/liftSuppression.ts';
import { listSuppressions } from '../../src/lib/server/suppressions/listSuppressions.ts';
import { suppressAddresses } from '../../src/lib/server/suppressions/suppressAddresses.ts';
import { deliver, makeChannelWorld, queue, responsesTo, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
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
const plan = planOf([email('first'), email('second')]);

test('EXE-10: doubtful sends are listed; a person takes one as sent, or sends it again while its action is current', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan);
	const { actor, orgId } = world;
	const [assumed, again, past] = await queue(
		db,
		world,
		'first',
		['a', 'b', 'c'].map((name) => ({ to: `${name}@doubt.example` }))
	);
	await deliver(db);
	await db.admin.execute(sql`update messages set status = 'unknown' where org_id = ${orgId}`);
	await db.admin.execute(
		sql`update enrollments set race = jsonb_set(race, '{actionId}', '"second"') where id = ${past!.enrollmentId}`
	);
	const as = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, orgId, fn);
	const list = await as((tx) => listDoubtful(tx, actor));
	expect(list.map((row) => [row.id, row.canSendAgain]).sort()).toEqual(
		[
			[assumed!.messageId, true],
			[again!.messageId, true],
			[past!.messageId, false]
		].sort()
	);
	const viewer = await makeUser(db, orgId, rep);
	await expect(as((tx) => sendAgain(tx, viewer, { messageId: again!.messageId }))).rejects.toMatchObject({
		code: 'forbidden'
	});
	await as((tx) => assumeSent(tx, actor, { messageId: assumed!.messageId }));
	await as((tx) => sendAgain(tx, actor, { messageId: again!.messageId }));
	await expect(as((tx) => sendAgain(tx, actor, { messageId: past!.messageId }))).rejects.toMatchObject({
		code: 'conflict'
	});
	await deliver(db);
	const copies = sink.mails.filter((mail) => mail.to[0] === 'b@doubt.example').map((mail) => mail.messageId);
	expect(copies).toHaveLength(2);
	expect(copies[1]).toBe(copies[0]!.replace('@', '-2@'));
	expect((await storedMessage(db, again!.messageId)).status).toBe('sent');
	expect((await as((tx) => listDoubtful(tx, actor))).map((row) => row.id)).toEqual([past!.messageId]);
});

test('CHA-1: a test mail is filled in from a real record, counts nowhere and belongs to no run', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan, {
		subject: 'For {{lead.firstName}}',
		html: '<p>Hi <a href="https://x.example">x</a></p>'
	});
	const [one] = await queue(db, world, 'first', [{ to: 'z@test.example', data: { firstName: 'Zoe' } }]);
	const input = { templateId: world.templateId, recordId: one!.recordId, senderId: world.senderId };
	await sendTestMail(db.web, world.actor, { ...input, to: 'Me@Test.example' });
	const mail = await sink.parse(sink.mails.find((sunk) => sunk.to[0] === 'me@test.example')!);
	expect(mail.subject).toBe('For Zoe');
	expect(mail.html).toContain('href="https://x.example"');
	const [quota] = await db.admin.execute(
		sql`select count(*)::int as n from email_quotas where org_id = ${world.orgId}`
	);
	expect(quota!['n']).toBe(0);
	await expect(
		sendTestMail(db.web, world.actor, { ...input, to: 'a@b.example, c@d.example' })
	).rejects.toMatchObject({ code: 'invalid', pointer: '/to' });
	useConfig(db.urls, { SMTP_URL: 'smtp://127.0.0.1:1' });
	await expect(sendTestMail(db.web, world.actor, { ...input, to: 'me@test.example' })).rejects.toMatchObject({
		code: 'unavailable',
		message: expect.not.stringContaining('127.0.0.1')
	});
});

test('CHA-2: an administrator lifts a suppression with a reason; then mail goes out again', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: sink.url });
	const world = await makeChannelWorld(db, plan);
	const { actor, orgId } = world;
	const as = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, orgId, fn);
	await as((tx) =>
		suppressAddresses(tx, [
			{ orgId, channel: 'email', address: 'lift@people.example', reason: 'unsubscribed', source: 'page' }
		])
	);
	const [entry] = await as((tx) => listSuppressions(tx, actor, { search: 'LIFT' }));
	expect(entry).toMatchObject({ address: 'lift@people.example', reason: 'unsubscribed' });
	await expect(
		as((tx) => liftSuppression(tx, actor, { suppressionId: entry!.id, reason: ' ' }))
	).rejects.toMatchObject({ pointer: '/reason' });
	await as((tx) => liftSuppression(tx, actor, { suppressionId: entry!.id, reason: 'Asked by phone' }));
	expect(await as((tx) => listSuppressions(tx, actor))).toEqual([]);
	const [one] = await queue(db, world, 'first', [{ to: 'lift@people.example' }]);
	await deliver(db);
	expect(await responsesTo(db, one!.enrollmentId)).toEqual(['sent']);
});
