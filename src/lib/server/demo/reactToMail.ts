import { sql } from 'drizzle-orm';
import { createToken } from '../channels/tokens.ts';
import { receiveMail } from '../channels/email/receiveMail.ts';
import type { Db } from '../db/client.ts';
import { recordClick } from '../inbox/recordClick.ts';
import { recordOpen } from '../inbox/recordOpen.ts';
import { unsubscribe } from '../inbox/unsubscribe.ts';
import type { Random } from './random.ts';

type Mail = {
	id: string;
	rfcMessageId: string;
	toAddress: string;
	fromAddress: string;
	subject: string;
	links: string[] | null;
};

const visit = {
	method: 'GET',
	headers: {
		'user-agent':
			'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15'
	}
};
const answers = [
	'Thank you, that is what I was looking for. Could we talk on Thursday?',
	'Not this term, but please ask me again in spring.',
	'Does the evening group also meet online?',
	'Yes, interested. What does it cost for two people?'
];

/** Recipients of the last days open, click, answer, bounce and unsubscribe, by the doors the outside world uses. */
export async function reactToMail(web: Db, worker: Db, random: Random): Promise<void> {
	const mails = await worker.execute<Mail>(sql`
		select m.id, m.rfc_message_id as "rfcMessageId", m.to_address as "toAddress", m.subject, to_jsonb(m.links) as links,
			s.address as "fromAddress"
		from messages m join senders s on s.org_id = m.org_id and s.id = m.sender_id
		where m.channel = 'email' and m.status = 'sent' and m.replied_at is null and m.bounced_at is null
			and m.sent_at between app.now() - interval '60 hours' and app.now() - interval '2 hours'
		order by m.id`);
	for (const mail of mails) {
		if (random.chance(0.14)) await recordOpen(web, createToken('opens', { messageId: mail.id }), visit);
		const links = (mail.links ?? []).length;
		if (links && random.chance(0.05))
			await recordClick(
				web,
				createToken('links', { messageId: mail.id, link: random.int(0, links - 1) }),
				visit
			);
		const fate = random.next();
		if (fate < 0.02) await answer(worker, mail, random.pick(answers));
		else if (fate < 0.023) await bounce(worker, mail);
		else if (fate < 0.026) await unsubscribe(web, createToken('unsubscribe', { messageId: mail.id }), 'page');
	}
}

async function answer(worker: Db, mail: Mail, text: string): Promise<void> {
	const raw = [
		`From: ${mail.toAddress}`,
		`To: ${mail.fromAddress}`,
		`Subject: Re: ${mail.subject}`,
		`Message-ID: <reply-${mail.id}@mail.example>`,
		`In-Reply-To: ${mail.rfcMessageId}`,
		`References: ${mail.rfcMessageId}`,
		'Content-Type: text/plain; charset=utf-8',
		'',
		text,
		''
	].join('\r\n');
	await receiveMail(worker, {
		envelopeFrom: mail.toAddress,
		recipients: [mail.fromAddress],
		raw: Buffer.from(raw)
	});
}

async function bounce(worker: Db, mail: Mail): Promise<void> {
	const raw = [
		'From: MAILER-DAEMON@mail.example',
		`To: ${mail.fromAddress}`,
		'Subject: Undelivered Mail Returned to Sender',
		`Message-ID: <bounce-${mail.id}@mail.example>`,
		'MIME-Version: 1.0',
		'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
		'',
		'--b',
		'Content-Type: text/plain',
		'',
		'The address does not exist.',
		'--b',
		'Content-Type: message/delivery-status',
		'',
		'Reporting-MTA: dns; mail.example',
		'',
		`Final-Recipient: rfc822; ${mail.toAddress}`,
		'Action: failed',
		'Status: 5.1.1',
		'Diagnostic-Code: smtp; 550 5.1.1 user unknown',
		'',
		'--b',
		'Content-Type: text/rfc822-headers',
		'',
		`Message-ID: ${mail.rfcMessageId}`,
		'',
		'--b--',
		''
	].join('\r\n');
	await receiveMail(worker, { envelopeFrom: '', recipients: [mail.fromAddress], raw: Buffer.from(raw) });
}
