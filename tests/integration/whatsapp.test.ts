import { createHmac } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll } from 'vitest';
import { connectStandIn, standInSecrets } from '../support/whatsapp.ts';
import { startWhatsappStandIn, type StandIn } from '../../src/lib/server/channels/whatsapp/standIn.ts';
import { syncTemplates } from '../../src/lib/server/channels/whatsapp/syncTemplates.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import {
	deliver,
	makeChannelWorld,
	queue,
	responsesTo,
	startInbox,
	storedMessage,
	type Inbox
} from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test as base, type TestDatabase } from '../support/db.ts';
import { planOf } from '../support/engineWorld.ts';

type Provider = { inbox: Inbox; standIn: StandIn };
afterAll(() => setConfig(undefined));
const test = base.extend('provider', { scope: 'file' }, async ({ db }, { onCleanup }): Promise<Provider> => {
	useConfig(db.urls);
	const inbox = await startInbox(db);
	const standIn = await startWhatsappStandIn({
		...standInSecrets,
		port: 0,
		callbackUrl: `${inbox.origin}/hooks/whatsapp`,
		reports: []
	});
	onCleanup(async () => {
		await standIn.stop();
		await inbox.stop();
	});
	return { inbox, standIn };
});

const whatsapp = (templateId: string): Plan =>
	planOf([
		{
			kind: 'whatsapp',
			id: 'first',
			followUp: 1,
			title: 'first',
			branches: [],
			config: { templateId, recipient: 'phone', variables: { '1': '{{lead.firstName | default: "there"}}' } }
		}
	]);

/** Only one organization may hold the stand-in's number at a time. */
async function connected(db: TestDatabase, { standIn }: Provider, name = 'short_reminder') {
	await db.admin.execute(sql`delete from whatsapp_accounts`);
	const world = await makeChannelWorld(db, whatsapp('00000000-0000-7000-8000-000000000000'));
	const templates = await withOrg(db.owner, world.orgId, (tx) =>
		connectStandIn(tx, world.orgId, standIn.url)
	);
	return {
		world,
		send: async (to: string, firstName = 'Ann') => {
			const [one] = await queue(
				db,
				world,
				'first',
				[{ to, data: { phone: to, firstName } }],
				'whatsapp',
				templates.get(name)
			);
			await deliver(db, 'whatsapp');
			return { ...one!, sent: standIn.messages.find((message) => message.to === to) };
		}
	};
}

test('CHA-3: templates are read with their state; a change by webhook counts at once', async ({
	db,
	provider
}) => {
	const { world, send } = await connected(db, provider);
	await db.admin.execute(
		sql`delete from whatsapp_templates where org_id = ${world.orgId} and name <> 'short_reminder'`
	);
	expect(await syncTemplates(db.worker, world.orgId)).toBe(3);
	const states = async () =>
		Object.fromEntries(
			(
				await db.admin.execute(sql`select name, status from whatsapp_templates where org_id = ${world.orgId}`)
			).map((row) => [row['name'], row['status']])
		);
	expect(await states()).toEqual({
		short_reminder: 'APPROVED',
		appointment: 'APPROVED',
		summer_offer: 'PENDING'
	});
	expect(
		await provider.standIn.send('message_template_status_update', {
			event: 'PAUSED',
			message_template_id: 900000000000001,
			message_template_name: 'short_reminder'
		})
	).toBe(200);
	expect(await states()).toMatchObject({ short_reminder: 'PAUSED' });
	const held = await send('+15550100001');
	expect(held.sent).toBeUndefined();
	expect(await responsesTo(db, held.enrollmentId)).toEqual(['failed template_gone']);
});

test('CHA-3: a message is sent with its values, and statuses told out of order and repeatedly never go backwards', async ({
	db,
	provider
}) => {
	const { send } = await connected(db, provider);
	const { sent, messageId, enrollmentId } = await send('+15550100002', 'Bea');
	expect(sent).toMatchObject({
		to: '+15550100002',
		callbackData: messageId,
		buttons: ['Interested', 'Not now']
	});
	expect(sent!.text).toContain('Hi Bea, did you');
	expect(await storedMessage(db, messageId)).toMatchObject({ status: 'sent', provider_id: sent!.wamid });
	for (const status of ['read', 'sent', 'delivered', 'read', 'failed', 'delivered'])
		expect(await provider.standIn.report(sent!, status)).toBe(200);
	expect(await responsesTo(db, enrollmentId)).toEqual(['sent', 'delivered', 'read']);
	expect(await storedMessage(db, messageId)).toMatchObject({ status: 'sent' });
});

test('CHA-3: a button and words come back as replies; "stop" and the preference suppress the number', async ({
	db,
	provider
}) => {
	const { world, send } = await connected(db, provider);
	const one = await send('+15550100003');
	await provider.standIn.reply(one.sent!, { button: 'Interested' });
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['sent', 'replied/Interested']);
	const two = await send('+15550100004');
	await provider.standIn.reply(two.sent!, { text: 'Stop' });
	expect(await responsesTo(db, two.enrollmentId)).toEqual(['sent', 'replied']);
	await provider.standIn.send('user_preferences', {
		metadata: { phone_number_id: standInSecrets.phoneNumberId },
		user_preferences: [
			{ wa_id: '15550100005', category: 'marketing_messages', value: 'stop', detail: 'x', timestamp: 1 }
		]
	});
	const three = await send('+15550100005');
	expect(three.sent).toBeUndefined();
	expect(await responsesTo(db, three.enrollmentId)).toEqual(['sent skipped:opt_out']);
	const rows = await db.admin.execute(
		sql`select address, source from suppressions where org_id = ${world.orgId} order by address`
	);
	expect(rows.map((row) => ({ ...row }))).toEqual([
		{ address: '+15550100004', source: 'reply' },
		{ address: '+15550100005', source: 'preference' }
	]);
});

test('E18 short: after an ambiguous answer nothing is posted again, and a status resolves it; clear errors have their class', async ({
	db,
	provider
}) => {
	const { world, send } = await connected(db, provider);
	const { standIn } = provider;
	standIn.setFault({ kind: 'cutAfterAccept' });
	const cut = await send('+15550100010');
	expect(await storedMessage(db, cut.messageId)).toMatchObject({ status: 'unknown', provider_id: null });
	standIn.setFault({ kind: 'none' });
	await deliver(db, 'whatsapp');
	expect(standIn.messages.filter((message) => message.to === '+15550100010')).toHaveLength(1);
	for (let i = 0; i < 3; i++) await standIn.report(cut.sent!, 'delivered');
	expect(await storedMessage(db, cut.messageId)).toMatchObject({
		status: 'sent',
		provider_id: cut.sent!.wamid
	});
	expect(await responsesTo(db, cut.enrollmentId)).toEqual(['sent', 'delivered']);

	const cases = [
		[429, 130429, 'queued', []],
		[500, 131000, 'queued', []],
		[400, 131026, 'failed', ['failed provider_refused']],
		[400, 132000, 'failed', ['failed template_gone']],
		[401, 190, 'queued', []]
	] as const;
	for (const [i, [status, code, state, responses]] of cases.entries()) {
		standIn.setFault({ kind: 'error', status, code, message: 'told' });
		const one = await send(`+1555010002${i}`);
		expect([
			code,
			(await storedMessage(db, one.messageId)).status,
			await responsesTo(db, one.enrollmentId)
		]).toEqual([code, state, responses]);
	}
	standIn.setFault({ kind: 'none' });
	const [account] = await db.admin.execute(
		sql`select status from whatsapp_accounts where org_id = ${world.orgId}`
	);
	expect(account!['status']).toBe('paused');
	const later = await send('+15550100030');
	expect(later.sent).toBeUndefined();
	expect(await storedMessage(db, later.messageId)).toMatchObject({
		status: 'queued',
		wait_reason: 'account'
	});
});

test('EXE-10, EXE-11: a refusal is no doubtful message because the database was busy when it was heard', async ({
	db,
	provider
}) => {
	const { world, send } = await connected(db, provider);
	await db.admin.execute(sql`create sequence busy_once`);
	await db.admin.execute(sql`grant usage on sequence busy_once to public`);
	await db.admin.execute(sql`
		create function busy_once() returns trigger language plpgsql as $$ begin
			if nextval('busy_once') = 1 then raise exception 'busy' using errcode = '55P03'; end if;
			return new; end $$`);
	await db.admin.execute(
		sql`create trigger busy_once before update on whatsapp_accounts for each row execute function busy_once()`
	);
	provider.standIn.setFault({ kind: 'error', status: 401, code: 190, message: 'told' });
	const one = await send('+15550100040');
	provider.standIn.setFault({ kind: 'none' });
	await db.admin.execute(sql`drop function busy_once() cascade`);
	expect(await storedMessage(db, one.messageId)).toMatchObject({ status: 'queued', wait_reason: 'account' });
	const [account] = await db.admin.execute(
		sql`select status from whatsapp_accounts where org_id = ${world.orgId}`
	);
	expect(account!['status']).toBe('paused');
});

test('EXE-11, RELIABILITY 2.6: an organization whose messages cannot be prepared keeps no other from sending', async ({
	db,
	provider
}) => {
	const { send } = await connected(db, provider);
	const broken = await makeChannelWorld(db, whatsapp('00000000-0000-7000-8000-000000000000'));
	// Sealed with a key that nobody has any more.
	await db.admin.execute(sql`
		insert into whatsapp_accounts (org_id, id, name, base_url, phone_number_id, business_account_id, token_sealed,
			app_secret_sealed, verify_token_sealed)
		select ${broken.orgId}, app.new_id(), 'Lost', base_url, '100000000000999', '200000000000999', 'k9.x', 'k9.x', 'k9.x'
		from whatsapp_accounts`);
	const [stuck] = await queue(
		db,
		broken,
		'first',
		[{ to: '+15550100050', data: { phone: '+15550100050' } }],
		'whatsapp'
	);
	const { sent, messageId } = await send('+15550100051');
	expect(sent).toBeDefined();
	expect((await storedMessage(db, messageId)).status).toBe('sent');
	// Counted when its lease ends.
	expect((await storedMessage(db, stuck!.messageId)).status).toBe('claimed');
});

test('CHA-3: a failure reported later fails the message once', async ({ db, provider }) => {
	const { send } = await connected(db, provider);
	const one = await send('+15550100040');
	const errors = [
		{ code: 131026, title: 'Message undeliverable', message: 'x', error_data: { details: 'Not on WhatsApp' } }
	];
	for (let i = 0; i < 2; i++) await provider.standIn.report(one.sent!, 'failed', { errors });
	expect(await storedMessage(db, one.messageId)).toMatchObject({ status: 'failed', error_code: '131026' });
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['sent', 'failed provider_refused']);
});

test('S17: webhooks without, with a wrong or with a foreign signature change nothing; the handshake needs the token', async ({
	db,
	provider
}) => {
	const { send } = await connected(db, provider);
	const one = await send('+15550100050');
	const body = JSON.stringify({
		object: 'whatsapp_business_account',
		entry: [
			{
				id: standInSecrets.businessAccountId,
				changes: [
					{
						field: 'messages',
						value: {
							metadata: { phone_number_id: standInSecrets.phoneNumberId },
							statuses: [{ id: one.sent!.wamid, status: 'read', biz_opaque_callback_data: one.messageId }]
						}
					}
				]
			}
		]
	});
	const url = `${provider.inbox.origin}/hooks/whatsapp`;
	const sign = (secret: string, text: string) =>
		`sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
	const post = async (text: string, signature?: string) =>
		(
			await fetch(url, {
				method: 'POST',
				body: text,
				headers: {
					'content-type': 'application/json',
					...(signature ? { 'x-hub-signature-256': signature } : {})
				}
			})
		).status;
	const right = sign(standInSecrets.appSecret, body);
	for (const [text, signature] of [
		[body, undefined],
		[body, sign('wrong', body)],
		[body, right.toUpperCase()],
		[body, right.slice(0, -2)],
		[`${body} `, right],
		[body.replace(standInSecrets.phoneNumberId, '999'), right],
		['{', sign(standInSecrets.appSecret, '{')]
	] as const)
		expect([signature, await post(text, signature)]).toEqual([signature, 401]);
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['sent']);
	expect(await post(body, right)).toBe(200);
	expect(await post(body, right)).toBe(200);
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['sent', 'delivered', 'read']);

	const handshake = async (token: string) => {
		const answer = await fetch(`${url}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=12345`);
		return [answer.status, await answer.text()];
	};
	expect(await handshake(standInSecrets.verifyToken)).toEqual([200, '12345']);
	expect(await handshake('guess')).toEqual([403, '']);
});
