import { renderHeader, renderHtml, renderText } from '#lib/domain/mergeFields/render.ts';
import type { MergeValues } from '#lib/domain/mergeFields/values.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { getConfig } from '../../config.ts';
import type { ClaimedMessage } from '../outbox.ts';
import { createToken } from '../tokens.ts';
import { composeMessage, type ComposedMail } from './composeMessage.ts';
import { linkTarget, type PreparedTemplate } from './preparedTemplate.ts';
import { trackLinks } from './trackLinks.ts';

/** The mails this one continues, oldest first. */
export type Thread = { ids: string[]; subject: string | null };

export type EmailFacts = {
	template: PreparedTemplate;
	/** A person wrote the subject of this one message (GRA-8). */
	ownSubject?: boolean;
	values: MergeValues;
	plan: Plan | undefined;
	thread: Thread;
	sender: { name: string; address: string };
	mailDomain: string;
};

export type RenderedEmail = ComposedMail & {
	subject: string;
	html: string;
	links: string[];
	inReplyTo: string | null;
};

/** Fills in one mail: values, tracked links, unsubscribe address, text alternative, headers (GRA-8, CHA-1). */
export async function renderEmail(message: ClaimedMessage, facts: EmailFacts): Promise<RenderedEmail> {
	const { template, values, plan, thread } = facts;
	const { ORIGIN } = getConfig();
	const node = plan?.nodes[message.actionId];
	const config = node?.kind === 'email' ? node.config : null;
	const unsubscribeUrl = `${ORIGIN}/u/${createToken('unsubscribe', { messageId: message.id })}`;
	const continued = config?.threaded ? thread : { ids: [], subject: null };
	// A mail in a thread keeps the subject, or readers' mailboxes break the thread apart.
	const subject = (facts.ownSubject ? null : continued.subject) ?? renderHeader(template.subject, values);
	const links = template.links.map((link) => linkTarget(renderHtml(link, values, unsubscribeUrl)));
	const html = trackLinks(renderHtml(template.html, values, unsubscribeUrl), links, {
		messageId: message.id,
		origin: ORIGIN,
		clicks: plan?.settings.trackClicks ?? true,
		opens: plan?.settings.trackOpens ?? true
	});
	const mail = await composeMessage({
		messageId: message.id,
		rfcMessageId: message.rfcMessageId,
		mailDomain: facts.mailDomain,
		to: message.toAddress,
		from: facts.sender,
		replyTo: config?.replyTo ?? '',
		subject,
		html,
		text: renderText(template.text, values, unsubscribeUrl),
		unsubscribeUrl,
		thread: continued.ids,
		feedbackId: [message.cadenceId, message.actionId, message.orgId, message.senderId]
			.map((id) => (id ?? '').replace(/[^A-Za-z0-9]/g, '').slice(0, 20))
			.join(':')
	});
	return { ...mail, subject, html, links, inReplyTo: continued.ids.at(-1) ?? null };
}
