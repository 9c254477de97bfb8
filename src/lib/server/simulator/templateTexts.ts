import { fillPlaceholders } from '#lib/domain/mergeFields/placeholders.ts';
import { sql } from 'drizzle-orm';
import type { TemplateTexts } from '#lib/domain/simulator/texts.ts';
import type { PlanActionOf } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import type { WhatsappComponent } from '../db/schema/channels.ts';
import { sanitizeEmail } from '../templates/sanitizeEmail.ts';

type Message = { action: PlanActionOf<'email' | 'whatsapp'>; templateId: string | null };

/** VER-3: the words of each message from the newest text of its template, before merge fields are filled in. */
export async function readTemplateTexts(
	tx: OrgTx,
	orgId: string,
	messages: readonly Message[]
): Promise<TemplateTexts> {
	const ids = sql.param([...new Set(messages.flatMap(({ templateId }) => templateId ?? []))]);
	const emails = await tx.execute<{ id: string; subject: string; html: string }>(sql`
		select id, subject, html from email_templates
		where org_id = ${orgId} and id = any(${ids}::uuid[]) and deleted_at is null`);
	const whatsapp = await tx.execute<{ id: string; components: WhatsappComponent[] }>(sql`
		select id, components from whatsapp_templates where org_id = ${orgId} and id = any(${ids}::uuid[])`);
	const mails = new Map(emails.map(({ id, subject, html }) => [id, { subject, body: sanitizeEmail(html) }]));
	const chats = new Map(whatsapp.map(({ id, components }) => [id, chatText(components)]));
	return Object.fromEntries(
		messages.flatMap(({ action, templateId }) => {
			if (action.kind === 'email') {
				const mail = mails.get(templateId ?? '');
				return mail ? [[action.id, mail]] : [];
			}
			const chat = chats.get(templateId ?? '');
			return chat === undefined
				? []
				: [[action.id, { subject: '', body: fillPlaceholders(chat, action.config.variables) }]];
		})
	);
}

const chatText = (components: readonly WhatsappComponent[]): string =>
	['HEADER', 'BODY', 'FOOTER']
		.map((type) => components.find((component) => component.type === type)?.text ?? '')
		.filter(Boolean)
		.join('\n\n');
