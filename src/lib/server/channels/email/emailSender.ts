import { sql } from 'drizzle-orm';
import { isDomainError, type DomainError } from '#lib/domain/errors.ts';
import { withOrg, type Db, type OrgTx } from '../../db/client.ts';
import { getLog } from '../../log.ts';
import { readMergeValues } from '../../templates/readMergeValues.ts';
import type { ChannelSender, Prepared } from '../deliver.ts';
import { loadPlans } from '../loadPlans.ts';
import type { SendingMarks } from '../markSending.ts';
import type { ClaimedMessage, FailReason, Settlement } from '../outbox.ts';
import { editedTemplate } from './editedTemplate.ts';
import { failureSettlement, handOver } from './handOver.ts';
import { prepareTemplate, type PreparedTemplate } from './preparedTemplate.ts';
import { findOrgRelay, resolveRelay, systemRelay, type Relay } from './relay.ts';
import { renderEmail, type EmailFacts, type RenderedEmail, type Thread } from './renderEmail.ts';
import { getSmtpPool, type SmtpPool } from './smtpPool.ts';

type TemplateRow = { id: string; version: number; subject: string; html: string };

/** E-mail: reads per organization in sets, then one SMTP dialogue per message. */
export const emailSender: ChannelSender = {
	concurrency: 20,
	prepare: (db, messages) => prepareOrg(db, messages[0]!.orgId, messages)
};

async function prepareOrg(db: Db, orgId: string, messages: ClaimedMessage[]): Promise<Prepared[]> {
	const read = await withOrg(db, orgId, async (tx) => ({
		values: await readMergeValues(tx, messages),
		templates: await readTemplates(tx, orgId, messages),
		threads: await readThreads(tx, orgId, messages),
		senders: await readSenders(tx, orgId),
		plans: await loadPlans(tx, messages),
		relay: await findOrgRelay(tx, orgId).catch(asFault)
	}));
	let relay: Relay;
	try {
		if (isDomainError(read.relay)) throw read.relay;
		relay = read.relay ? await resolveRelay(read.relay) : systemRelay();
	} catch (error) {
		const text = isDomainError(error) ? error.message : 'The relay cannot be reached.';
		return messages.map((message) =>
			settled(failureSettlement(message, 'claimed', 'connect', { code: 'ETLS', message: text }))
		);
	}
	const pool = getSmtpPool(relay);
	return messages.map((message, i) => {
		const template = message.templateId ? read.templates.get(message.templateId) : undefined;
		if (!template)
			return settled(
				failed(message, 'template_gone', 'The template was deleted. Choose another one and publish.')
			);
		const sender = message.senderId ? read.senders.get(message.senderId) : undefined;
		if (!sender) return settled(failed(message, 'sender_gone', 'The sender address was removed.'));
		const values = read.values[i];
		if (!values) return settled(failed(message, 'missing_address', 'The record is gone.'));
		const { prepared, ownSubject } = editedTemplate(message, template);
		const facts: EmailFacts = {
			template: prepared,
			ownSubject,
			values,
			plan: read.plans.get(message.versionId),
			thread: read.threads.get(message.id) ?? { ids: [], subject: null },
			sender,
			mailDomain: sender.mail_domain
		};
		return {
			message,
			// Rendered when its turn comes: at most one text per open line is in memory.
			send: (marks) => sendOne(message, facts, template.version, pool, marks)
		};
	});
}

/** What is wrong with a relay pauses its senders, as when it refuses them. */
const asFault = (error: unknown): DomainError => {
	if (isDomainError(error)) return error;
	throw error;
};

async function sendOne(
	message: ClaimedMessage,
	facts: EmailFacts,
	templateVersion: number,
	pool: SmtpPool,
	marks: SendingMarks
): Promise<Settlement | null> {
	let mail: RenderedEmail;
	try {
		mail = await renderEmail(message, facts);
	} catch (error) {
		getLog().error({ error, messageId: message.id }, 'mail not prepared');
		return failed(message, 'provider_refused', 'The mail could not be put together from its template.');
	}
	const { subject, html, links, inReplyTo } = mail;
	const mark = { message, subject, html, links, templateVersion, inReplyTo };
	return handOver(message, { ...mail, mark }, pool, marks);
}

const settled = (settlement: Settlement): Prepared => ({
	message: settlement.message as ClaimedMessage,
	send: null,
	settled: settlement
});

const failed = (message: ClaimedMessage, reason: FailReason, text: string): Settlement => ({
	message,
	from: 'claimed',
	kind: 'failed',
	reason,
	code: reason,
	text
});

/** VER-3: templates are live, the newest saved text goes out. */
async function readTemplates(
	tx: OrgTx,
	orgId: string,
	messages: readonly ClaimedMessage[]
): Promise<Map<string, TemplateRow & { prepared: PreparedTemplate }>> {
	const ids = [...new Set(messages.flatMap((message) => message.templateId ?? []))];
	const rows = await tx.execute<TemplateRow>(sql`
		select id, version, subject, html from email_templates
		where org_id = ${orgId} and id = any(${sql.param(ids)}::uuid[]) and deleted_at is null`);
	return new Map(rows.map((row) => [row.id, { ...row, prepared: prepareTemplate(row) }]));
}

/** Earlier mails of the same run, for those that continue a thread (CHANNELS.md 4). */
async function readThreads(
	tx: OrgTx,
	orgId: string,
	messages: readonly ClaimedMessage[]
): Promise<Map<string, Thread>> {
	const rows = await tx.execute<{ id: string; ids: string[]; subject: string | null }>(sql`
		select k.id, jsonb_agg(p.rfc_message_id order by p.sent_at) as ids,
			(array_agg(p.subject order by p.sent_at desc))[1] as subject
		from jsonb_to_recordset(${JSON.stringify(messages.map(({ id, enrollmentId, runNo }) => ({ id, enrollmentId, runNo })))}::jsonb)
			as k(id uuid, "enrollmentId" uuid, "runNo" int)
		-- Run by run: without fresh statistics the planner compares every mail of the organization with every one of these.
		cross join lateral (
			select x.rfc_message_id, x.sent_at, x.subject from messages x
			where x.org_id = ${orgId} and x.enrollment_id = k."enrollmentId" and x.run_no = k."runNo" and x.channel = 'email'
				and x.sent_at is not null and x.rfc_message_id is not null and x.id <> k.id offset 0) p
		group by k.id`);
	return new Map(rows.map((row) => [row.id, { ids: row.ids, subject: row.subject }]));
}

type SenderRow = { id: string; name: string; address: string; mail_domain: string };

async function readSenders(tx: OrgTx, orgId: string): Promise<Map<string, SenderRow>> {
	const rows = await tx.execute<SenderRow>(sql`
		select s.id, s.name, s.address, o.mail_domain from senders s join organizations o on o.id = s.org_id
		where s.org_id = ${orgId}`);
	return new Map(rows.map((row) => [row.id, row]));
}
