import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll } from 'vitest';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import type { ChannelWorld } from '../support/channelWorld.ts';
import {
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
import { secretPlace } from '../../src/lib/server/channels/whatsapp/account.ts';
import { seal } from '../../src/lib/server/secrets.ts';
import { connectStandIn, standInSecrets } from '../support/whatsapp.ts';

afterAll(() => setConfig(undefined));
const test = base.extend('inbox', { scope: 'file' }, async ({ db }, { onCleanup }): Promise<Inbox> => {
	useConfig(db.urls);
	const inbox = await startInbox(db);
	onCleanup(inbox.stop);
	return inbox;
});

let numbers = 0;
/** An organization with numbers of its own and one message that the API has taken. */
async function sentTo(db: TestDatabase, to: string) {
	const world = await makeChannelWorld(
		db,
		planOf([
			{
				kind: 'whatsapp',
				id: 'first',
				followUp: 1,
				title: 'first',
				branches: [],
				config: { templateId: '00000000-0000-7000-8000-000000000000', recipient: 'phone', variables: {} }
			}
		])
	);
	const phone = String(700_000_000 + numbers++);
	const business = String(800_000_000 + numbers++);
	await withOrg(db.owner, world.orgId, (tx) => connectStandIn(tx, world.orgId, 'http://127.0.0.1:1'));
	await db.admin.execute(sql`
		update whatsapp_accounts set phone_number_id = ${phone}, business_account_id = ${business} where org_id = ${world.orgId}`);
	const wamid = `wamid.${phone}`;
	const people = async (...all: string[]) => {
		const rows = await queue(
			db,
			world,
			'first',
			all.map((one) => ({ to: one, data: { phone: one } })),
			'whatsapp'
		);
		for (const [i, row] of rows.entries())
			await db.admin.execute(sql`
				update messages set status = 'sent', sent_at = app.now(), provider_id = ${`${wamid}.${i}`} where id = ${row.messageId}`);
		return rows.map((row, i) => ({ ...row, wamid: `${wamid}.${i}` }));
	};
	return { world, phone, business, all: await people(to, `${to}1`, `${to}2`) };
}
type Account = { phone: string; business: string };

async function post(
	inbox: Inbox,
	{ phone, business }: Account,
	value: object,
	secret: string = standInSecrets.appSecret
) {
	const body = JSON.stringify({
		object: 'whatsapp_business_account',
		entry: [
			{
				id: business,
				changes: [{ field: 'messages', value: { metadata: { phone_number_id: phone }, ...value } }]
			}
		]
	});
	const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
	const { status } = await fetch(`${inbox.origin}/hooks/whatsapp`, {
		method: 'POST',
		body,
		headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature }
	});
	return status;
}
const status = (id: string, messageId: string, more: object = {}) => ({
	id,
	status: 'delivered',
	biz_opaque_callback_data: messageId,
	...more
});
const words = (id: string, wamid: string, from: string | undefined, body: string) => ({
	id,
	type: 'text',
	text: { body },
	context: { id: wamid },
	...(from && { from: from.slice(1) })
});
const suppressed = async (db: TestDatabase, { orgId }: ChannelWorld) =>
	(
		await db.admin.execute<{ address: string }>(
			sql`select address from suppressions where org_id = ${orgId} and lifted_at is null`
		)
	).map((row) => row.address);

test('CHA-3, CHA-4: words are taken wherever the notice is cut and whatever they hold', async ({
	db,
	inbox
}) => {
	const { all, ...own } = await sentTo(db, '+4915100001');
	const texts = [`${'x'.repeat(199)}\u{1f600}`, 'a\0b', 'half \ud83d'];
	for (const [i, text] of texts.entries()) {
		expect(await post(inbox, own, { messages: [words(`w${i}\0`, all[i]!.wamid, all[i]!.to, text)] })).toBe(
			200
		);
		expect([text, await responsesTo(db, all[i]!.enrollmentId)]).toEqual([text, ['replied']]);
	}
});
test('CHA-3: an event that is not understood takes none of its neighbours with it', async ({ db, inbox }) => {
	const { all, ...own } = await sentTo(db, '+4915100002');
	const [a, b, c] = all;
	expect(
		await post(inbox, own, {
			statuses: [
				status(a!.wamid, a!.messageId),
				{ status: 'delivered' },
				status(b!.wamid, b!.messageId, { timestamp: 5, errors: [{ code: 'x' }] }),
				status(c!.wamid, c!.messageId)
			]
		})
	).toBe(200);
	expect(await responsesTo(db, a!.enrollmentId)).toEqual(['delivered']);
	expect(await responsesTo(db, c!.enrollmentId)).toEqual(['delivered']);
});
test('CHA-3, RELIABILITY 2.6: an event that the database refuses keeps back none of its neighbours', async ({
	db,
	inbox
}) => {
	const { all, ...own } = await sentTo(db, '+4915100003');
	const [a, b, c] = all;
	// More than an index takes.
	const button = randomBytes(5000).toString('hex');
	expect(
		await post(inbox, own, {
			messages: [
				words('p1', a!.wamid, a!.to, 'yes'),
				{ ...words('p2', b!.wamid, b!.to, ''), type: 'button', button: { payload: button } },
				words('p3', c!.wamid, c!.to, 'yes')
			]
		})
	).toBe(200);
	expect(await responsesTo(db, a!.enrollmentId)).toEqual(['replied']);
	expect(await responsesTo(db, c!.enrollmentId)).toEqual(['replied']);
});
test('CHA-3: who has a user name and no number is heard when saying stop', async ({ db, inbox }) => {
	const { all, world, ...own } = await sentTo(db, '+4915100004');
	expect(await post(inbox, own, { messages: [words('s1', all[0]!.wamid, undefined, 'STOP')] })).toBe(200);
	expect(await suppressed(db, world)).toEqual([all[0]!.to]);
});
test('CHA-3: a wish to stop that is told again does not undo what was decided since', async ({
	db,
	inbox
}) => {
	const { world, ...own } = await sentTo(db, '+4915100005');
	const stop = {
		user_preferences: [
			{ wa_id: '4915100005', category: 'marketing_messages', value: 'stop', timestamp: 1_700_000_000 }
		]
	};
	await post(inbox, own, stop);
	expect(await suppressed(db, world)).toEqual(['+4915100005']);
	await db.admin.execute(sql`update suppressions set lifted_at = app.now() where org_id = ${world.orgId}`);
	await post(inbox, own, stop);
	expect(await suppressed(db, world)).toEqual([]);
});
test('EXE-10: the failure of an earlier attempt is not that of the message sent again', async ({
	db,
	inbox
}) => {
	const { all, ...own } = await sentTo(db, '+4915100006');
	const failed = { status: 'failed', errors: [{ code: 131026 }] };
	await post(inbox, own, { statuses: [status('wamid.first-attempt', all[0]!.messageId, failed)] });
	expect(await storedMessage(db, all[0]!.messageId)).toMatchObject({ status: 'sent' });
	expect(await responsesTo(db, all[0]!.enrollmentId)).toEqual([]);
});
test('S17: a number that another organization has entered too is whose secret has signed', async ({
	db,
	inbox
}) => {
	const squatter = await sentTo(db, '+4915100007');
	const { all, ...own } = await sentTo(db, '+4915100008');
	const { orgId } = squatter.world;
	const [account] = await db.admin.execute<{ id: string }>(
		sql`select id from whatsapp_accounts where org_id = ${orgId}`
	);
	await db.admin.execute(sql`
		update whatsapp_accounts set phone_number_id = ${own.phone}, business_account_id = ${own.business}, created_at = 'epoch',
			app_secret_sealed = ${seal('another', secretPlace(orgId, 'app_secret_sealed', account!.id))} where org_id = ${orgId}`);
	const told = { statuses: [status(all[0]!.wamid, all[0]!.messageId)] };
	expect(await post(inbox, own, told)).toBe(200);
	expect(await responsesTo(db, all[0]!.enrollmentId)).toEqual(['delivered']);
	const forged = { statuses: [status(all[1]!.wamid, all[1]!.messageId)] };
	expect(await post(inbox, own, forged, 'another')).toBe(200);
	expect(await post(inbox, own, forged, 'nobodys')).toBe(401);
	expect(await responsesTo(db, all[1]!.enrollmentId)).toEqual([]);
});

test('CHA-3: what is said to another number of the business is no reply to ours', async ({ db, inbox }) => {
	const { all, business } = await sentTo(db, '+4915100009');
	const said = { messages: [words('o1', 'x', all[0]!.to, 'Hello support')] };
	expect(await post(inbox, { phone: '999', business }, said)).toBe(200);
	expect(await responsesTo(db, all[0]!.enrollmentId)).toEqual([]);
});
