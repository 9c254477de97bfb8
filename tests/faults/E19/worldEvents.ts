import { sql } from 'drizzle-orm';
import nodemailer from 'nodemailer';
import { createToken } from '../../../src/lib/server/channels/tokens.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { makeChannelWorld, queue } from '../../support/channelWorld.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { email, planOf } from '../../support/engineWorld.ts';
import { connectStandIn } from '../../support/whatsapp.ts';
import { postWebhook, statusOf } from '../../support/whatsappWebhooks.ts';

export type Doors = { origin: string; smtpPort: number };
/** Tells one event; false: not acknowledged. */
export type Tell = (doors: Doors) => Promise<boolean>;
export type WorldEvents = { orgId: string; events: Tell[]; replies: number };

const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const PER_WHATSAPP = 3;
const PER_MAIL = 3;

/**
 * What the world tells about messages that went out an hour ago: of each WhatsApp message delivered, read and an
 * answer, of each mail an open, a click and an answer. Every one is an effect of its own.
 */
export async function makeEvents(db: TestDatabase, wanted: number): Promise<WorldEvents> {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const { orgId } = world;
	const templates = await withOrg(db.owner, orgId, (tx) => connectStandIn(tx, orgId, 'http://127.0.0.1:1'));
	const mails = Math.floor(wanted / 10 / PER_MAIL) * 4;
	const rest = wanted - mails * PER_MAIL;
	const phones = Math.ceil(rest / PER_WHATSAPP);
	const people = (n: number, to: (i: number) => string) =>
		Array.from({ length: n }, (_, i) => ({ to: to(i) }));
	const sentMails = await queue(
		db,
		world,
		'first',
		people(mails, (i) => `reader${i}@people.example`)
	);
	const template = templates.get('short_reminder')!;
	const sentChats = await queue(
		db,
		world,
		'first',
		people(phones, (i) => `+1556${1_000_000 + i}`),
		'whatsapp',
		template
	);
	await db.admin.execute(sql`
		update messages set status = 'sent', sent_at = app.now() - interval '1 hour', settled_at = app.now(), attempt = 1,
			links = array['https://a.example/x'], rfc_message_id = case channel when 'email' then '<' || id || '@out.example>' end,
			provider_id = case channel when 'whatsapp' then 'wamid.' || id end
		where org_id = ${orgId}`);
	const [sender] = await db.admin.execute<{ address: string }>(
		sql`select address from senders where org_id = ${orgId}`
	);
	const chats = sentChats.flatMap(({ messageId: id, to }) => eventsOfChat(id, to)).slice(0, rest);
	const reads = sentMails.flatMap(({ messageId: id, to }) => eventsOfMail(id, to, sender!.address));
	const replies = mails + Math.floor(chats.length / PER_WHATSAPP);
	return { orgId, events: [...chats, ...reads], replies };
}

function eventsOfChat(id: string, to: string): Tell[] {
	const wamid = `wamid.${id}`;
	const status =
		(name: string): Tell =>
		({ origin }) =>
			postWebhook(origin, [{ statuses: [statusOf(wamid, name, id)] }]);
	const answer: Tell = ({ origin }) =>
		postWebhook(origin, [
			{
				messages: [
					{
						from: to.slice(1),
						id: `wamid.in.${id}`,
						timestamp: '0',
						type: 'text',
						text: { body: 'Yes' },
						context: { id: wamid }
					}
				]
			}
		]);
	return [status('delivered'), status('read'), answer];
}

function eventsOfMail(id: string, from: string, sender: string): Tell[] {
	const visit =
		(path: string, wanted: number): Tell =>
		({ origin }) =>
			fetch(`${origin}${path}`, { headers: agent, redirect: 'manual' }).then(
				async (response) => {
					await response.arrayBuffer();
					return response.status === wanted;
				},
				() => false
			);
	const answer: Tell = async ({ smtpPort }) => {
		const transport = nodemailer.createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true });
		const mail = {
			from,
			to: sender,
			subject: 'Re: Hi',
			text: 'Yes',
			inReplyTo: `<${id}@out.example>`,
			messageId: `<in-${id}@people.example>`
		};
		return transport.sendMail(mail).then(
			() => true,
			() => false
		);
	};
	return [
		visit(`/t/o/${createToken('opens', { messageId: id })}.gif`, 200),
		visit(`/t/c/${createToken('links', { messageId: id, link: 0 })}`, 302),
		answer
	];
}

export type Effects = { responses: number; distinct: number; inbound: number };

export async function readEffects(db: TestDatabase, orgId: string): Promise<Effects> {
	const [row] = await db.admin.execute<Effects>(sql`
		select count(*)::int as responses, count(distinct (enrollment_id, kind))::int as distinct,
			(select count(*) from inbound_messages where org_id = ${orgId} and kind = 'reply')::int as inbound
		from responses where org_id = ${orgId} and not machine`);
	return row!;
}
