import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import { renderHeader } from '#lib/domain/mergeFields/render.ts';
import { withOrg, type Db, type OrgTx } from '../../db/client.ts';
import type { WhatsappComponent } from '../../db/schema/channels.ts';
import { failpoint } from '../../failpoint.ts';
import { readMergeValues } from '../../templates/readMergeValues.ts';
import { suppressAddresses } from '../../suppressions/suppressAddresses.ts';
import type { ChannelSender, Prepared } from '../deliver.ts';
import { retryDelayMinutes } from '../email/classify.ts';
import { loadPlans } from '../loadPlans.ts';
import { giveUpAfterMinutes, type ClaimedMessage, type FailReason, type Settlement } from '../outbox.ts';
import { retryWrite } from '../retryWrite.ts';
import { storableText } from '../storableText.ts';
import { findWhatsappAccount, type WhatsappAccount } from './account.ts';
import { classifyApiError } from './classifyApiError.ts';
import { callCloudApi, type ApiResult } from './cloudApi.ts';
import { bodyVariables, fillBody, quickReplies } from './templateVariables.ts';

type TemplateRow = {
	id: string;
	name: string;
	language: string;
	status: string;
	components: WhatsappComponent[];
};

const accepted = z.object({ messages: z.tuple([z.object({ id: z.string().min(1) })], z.unknown()) });
const refused = z.object({
	error: z.object({
		code: z.number(),
		message: z.string().default(''),
		error_data: z.object({ details: z.string() }).optional()
	})
});

/** WhatsApp through the Cloud API (CHA-3): at most one POST per message; what is ambiguous waits for its webhook. */
export const whatsappSender: ChannelSender = {
	concurrency: 10,
	prepare: (db, messages) => prepareOrg(db, messages[0]!.orgId, messages)
};

async function prepareOrg(db: Db, orgId: string, messages: ClaimedMessage[]): Promise<Prepared[]> {
	const read = await withOrg(db, orgId, async (tx) => ({
		values: await readMergeValues(tx, messages),
		templates: await readTemplates(tx, orgId, messages),
		plans: await loadPlans(tx, messages),
		account: await findWhatsappAccount(tx, orgId)
	}));
	const { account } = read;
	return messages.map((message, i): Prepared => {
		const template = message.templateId ? read.templates.get(message.templateId) : undefined;
		if (!account)
			return {
				message,
				send: null,
				settled: failed(message, 'claimed', 'sender_gone', 'No WhatsApp business account is connected.')
			};
		if (template?.status !== 'APPROVED')
			return {
				message,
				send: null,
				settled: failed(
					message,
					'claimed',
					'template_gone',
					'The template is not approved any more. Choose another one.'
				)
			};
		const node = read.plans.get(message.versionId)?.nodes[message.actionId];
		const mapped = node?.kind === 'whatsapp' ? node.config.variables : {};
		const merge = read.values[i];
		const values = Object.fromEntries(
			bodyVariables(template.components).map((name) => [
				name,
				merge ? renderHeader(parseTemplate(mapped[name] ?? ''), merge) : ''
			])
		);
		return {
			message,
			send: async (marks) => {
				const mark = {
					message,
					subject: template.name,
					html: fillBody(template.components, values),
					links: [],
					templateVersion: null,
					inReplyTo: null
				};
				if (!(await marks.add(mark))) return null;
				failpoint('whatsapp.marked');
				const result = await callCloudApi(account, {
					method: 'POST',
					path: `${account.phoneNumberId}/messages`,
					body: requestOf(message, template, values)
				});
				failpoint('whatsapp.answered');
				return settle(db, account, message, template, result);
			}
		};
	});
}

function requestOf(message: ClaimedMessage, template: TemplateRow, values: Record<string, string>) {
	const parameters = Object.entries(values).map(([name, text]) => ({
		type: 'text',
		// The API refuses empty parameters and line breaks.
		text: text.trim() || '-',
		...(/^\d+$/.test(name) ? {} : { parameter_name: name })
	}));
	const components = [
		...(parameters.length ? [{ type: 'body', parameters }] : []),
		...quickReplies(template.components).map(({ index, text }) => ({
			type: 'button',
			sub_type: 'quick_reply',
			index: String(index),
			parameters: [{ type: 'payload', payload: text }]
		}))
	];
	return {
		messaging_product: 'whatsapp',
		recipient_type: 'individual',
		to: message.toAddress,
		type: 'template',
		template: {
			name: template.name,
			language: { policy: 'deterministic', code: template.language },
			...(components.length ? { components } : {})
		},
		biz_opaque_callback_data: message.id
	};
}

async function settle(
	db: Db,
	account: WhatsappAccount,
	message: ClaimedMessage,
	template: TemplateRow,
	result: ApiResult
): Promise<Settlement> {
	if (result.kind === 'lost') return { message, from: 'sending', kind: 'doubtful', text: result.text };
	if (result.kind === 'refused') return retry(message, 'transport', result.text);
	const ok = result.status >= 200 && result.status < 300;
	const answer = ok ? accepted.safeParse(result.body) : null;
	if (answer?.success)
		return { message, from: 'sending', kind: 'sent', providerId: storableText(answer.data.messages[0].id) };
	const error = refused.safeParse(result.body);
	if (!error.success)
		return result.status === 429
			? retry(message, '429', 'Too many requests.')
			: {
					message,
					from: 'sending',
					kind: 'doubtful',
					text: `The answer (${result.status}) could not be read.`
				};
	const { code, message: title, error_data } = error.data.error;
	const text = storableText(`${code} ${error_data?.details ?? title}`);
	const kind = classifyApiError(code, result.status);
	switch (kind) {
		case 'retry':
			return retry(message, String(code), text);
		case 'account':
			await pauseAccount(db, account, text);
			return {
				message,
				from: 'sending',
				kind: 'queued',
				afterMinutes: 15,
				waitReason: 'account',
				code: String(code),
				text,
				deferred: false
			};
		case 'template':
			if (code === 132015 || code === 132016)
				await markTemplate(db, account, template, code === 132015 ? 'PAUSED' : 'DISABLED');
			return failed(message, 'sending', 'template_gone', text);
		case 'optOut':
			await written(db, message.orgId, (tx) =>
				suppressAddresses(tx, [
					{
						orgId: message.orgId,
						channel: 'whatsapp',
						address: message.toAddress,
						reason: 'opt_out',
						source: 'api',
						messageId: message.id
					}
				])
			);
			return failed(message, 'sending', 'provider_refused', text);
		case 'recipient':
		case 'message':
			return failed(message, 'sending', 'provider_refused', text);
	}
}

const retry = (message: ClaimedMessage, code: string, text: string): Settlement =>
	(message.deferredMinutes ?? 0) >= giveUpAfterMinutes
		? failed(message, 'sending', 'provider_refused', text)
		: {
				message,
				from: 'sending',
				kind: 'queued',
				afterMinutes: retryDelayMinutes(message.attempt),
				waitReason: 'relay',
				code,
				text,
				deferred: true
			};

const failed = (message: ClaimedMessage, from: 'claimed' | 'sending', reason: FailReason, text: string) =>
	({ message, from, kind: 'failed', reason, code: reason, text }) satisfies Settlement;

async function readTemplates(
	tx: OrgTx,
	orgId: string,
	messages: readonly ClaimedMessage[]
): Promise<Map<string, TemplateRow>> {
	const ids = [...new Set(messages.flatMap((message) => message.templateId ?? []))];
	const rows = await tx.execute<TemplateRow>(sql`
		select id, name, language, status, components from whatsapp_templates
		where org_id = ${orgId} and id = any(${sql.param(ids)}::uuid[])`);
	return new Map(rows.map((row) => [row.id, row]));
}

/** What follows from an answer lands before its outcome: a database that is away for a moment must not make a refusal doubtful. */
const written = (db: Db, orgId: string, fn: (tx: OrgTx) => Promise<unknown>) =>
	retryWrite(() => withOrg(db, orgId, fn));

/** Token, permission or payment trouble: nothing goes out until an administrator has looked (CHANNELS.md 6). */
const pauseAccount = (db: Db, account: WhatsappAccount, reason: string) =>
	written(db, account.orgId, (tx) =>
		tx.execute(sql`update whatsapp_accounts set status = 'paused', paused_reason = ${reason}
			where org_id = ${account.orgId} and id = ${account.id}`)
	);

const markTemplate = (db: Db, account: WhatsappAccount, template: TemplateRow, status: string) =>
	written(db, account.orgId, (tx) =>
		tx.execute(
			sql`update whatsapp_templates set status = ${status} where org_id = ${account.orgId} and id = ${template.id}`
		)
	);
