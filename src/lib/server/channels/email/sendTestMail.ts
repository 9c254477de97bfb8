import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { normalizeEmail } from '#lib/domain/crm/addresses.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { renderHeader, renderHtml, renderText } from '#lib/domain/mergeFields/render.ts';
import { withOrg, type Db } from '../../db/client.ts';
import { emailTemplates } from '../../db/schema/channels.ts';
import { getRecord } from '../../records/getRecord.ts';
import { readMergeValues } from '../../templates/readMergeValues.ts';
import { classifyFailure } from './classify.ts';
import { composeMessage } from './composeMessage.ts';
import { linkTarget, prepareTemplate } from './preparedTemplate.ts';
import { findOrgRelay, resolveRelay, systemRelay } from './relay.ts';
import { SmtpOpenError, SmtpSession } from './smtpSession.ts';
import { trackLinks } from './trackLinks.ts';

export type TestMail = { templateId: string; recordId: string; senderId: string; to: string };

/** What the page may say about a failure: a class, never the relay's own words (RELIABILITY.md 4, SSRF). */
const words = {
	recipientHard: 'The relay refused this recipient.',
	recipientSoft: 'The mailbox cannot take mail now.',
	message: 'The relay refused this mail.',
	sender: 'The relay refused the sender or the sign-in. Check relay and sender.',
	retry: 'The relay could not be reached. Try again later.',
	doubtful: 'The relay did not answer in time. The mail may have arrived.'
} as const;

/**
 * CHA-1: sends a template, filled in from a real record, to one address. Not counted, not tracked, part of no run
 * (EXE-6). Opens its own transaction: none is held while it talks to the relay.
 */
export async function sendTestMail(db: Db, actor: Actor, input: TestMail): Promise<void> {
	requirePermission(actor, 'cadences.manage');
	const to = normalizeEmail(input.to);
	if (!to) throw new DomainError('invalid', 'Enter one e-mail address.', '/to');
	const { orgId } = actor;
	const read = await withOrg(db, orgId, async (tx) => {
		await getRecord(tx, actor, input.recordId);
		const [template] = await tx.select().from(emailTemplates).where(eq(emailTemplates.id, input.templateId));
		const [values] = await readMergeValues(tx, [
			{ orgId, recordId: input.recordId, senderId: input.senderId }
		]);
		const [sender] = await tx.execute<{ name: string; address: string; mail_domain: string }>(sql`
			select s.name, s.address, o.mail_domain from senders s join organizations o on o.id = s.org_id
			where s.org_id = ${orgId} and s.id = ${input.senderId} and s.status <> 'disabled'`);
		return { template, values, sender, relay: await findOrgRelay(tx, orgId) };
	});
	if (!read.template || read.template.deletedAt || !read.values)
		throw new DomainError('not_found', 'This template does not exist.');
	if (!read.sender) throw new DomainError('invalid', 'Choose a sender that is switched on.', '/senderId');
	const prepared = prepareTemplate(read.template);
	const values = read.values;
	const messageId = randomUUID();
	const html = trackLinks(
		renderHtml(prepared.html, values, '#unsubscribe'),
		prepared.links.map((link) => linkTarget(renderHtml(link, values))),
		{ messageId, origin: '', clicks: false, opens: false }
	);
	const mail = await composeMessage({
		messageId,
		rfcMessageId: `<test-${messageId}@${read.sender.mail_domain}>`,
		mailDomain: read.sender.mail_domain,
		to,
		from: read.sender,
		replyTo: read.sender.address,
		subject: renderHeader(prepared.subject, values),
		html,
		text: renderText(prepared.text, values, '#unsubscribe'),
		unsubscribeUrl: `mailto:${read.sender.address}?subject=unsubscribe`,
		thread: [],
		feedbackId: 'test'
	});
	const relay = read.relay ? await resolveRelay(read.relay) : systemRelay();
	const session = new SmtpSession(relay);
	try {
		await session.open(relay.auth);
		const result = await session.deliver({ ...mail, begin: () => Promise.resolve(true) });
		if (!result.ok && !result.claimLost)
			throw new DomainError('unavailable', words[classifyFailure(result.failure, result.phase)]);
	} catch (error) {
		if (error instanceof SmtpOpenError)
			throw new DomainError('unavailable', words[classifyFailure(error.failure, 'connect')]);
		throw error;
	} finally {
		session.quit();
	}
}
