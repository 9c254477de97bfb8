import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { previewTemplate } from '../templates/previewTemplate.ts';
import { lockActivity } from './lockActivity.ts';

const held = z.object({
	to: z.string(),
	sender: z.string().nullable(),
	subject: z.string().nullable(),
	html: z.string().nullable(),
	edited: z.object({ subject: z.string().optional(), html: z.string().optional() }).nullable(),
	templateId: z.string().nullable(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	cadenceName: z.string(),
	/** false: it was released, withdrawn or sent meanwhile. */
	waits: z.boolean()
});
export type Review = Omit<z.infer<typeof held>, 'subject' | 'html' | 'edited'> & {
	/** null: the template was deleted. */
	template: { subject: string; html: string } | null;
	/** What goes out, with its merge fields: the template's text, or what somebody changed in this message. */
	text: { subject: string; html: string } | null;
	edited: boolean;
	/** The same, as its recipient gets it. */
	mail: { subject: string; html: string } | null;
};

/**
 * GRA-8 [+]: the e-mail that a review task holds, as its recipient would get it now: templates are live (VER-3).
 * @throws not_found, forbidden, conflict (withdrawn)
 */
export async function getReview(tx: OrgTx, actor: Actor, activityId: string): Promise<Review> {
	// Whoever may complete the task may look at what it is about.
	const activity = await lockActivity(tx, actor, activityId);
	if (!activity.review) throw new DomainError('not_found', 'This task is not the review of an e-mail.');
	const [row] = await tx.execute(sql`
		select m.to_address as "to", m.settings -> 'edited' as edited, s.name || ' <' || s.address || '>' as sender, t.subject, t.html,
			m.template_id as "templateId", r.id as "recordId", r.name as "recordName", d.key as "moduleKey",
			c.name as "cadenceName", m.status = 'queued' and m.wait_reason = 'review' as waits
		from activities a
		join messages m on m.org_id = a.org_id and m.action_run_id = a.action_run_id
		join records r on r.org_id = m.org_id and r.id = m.record_id
		join modules d on d.org_id = r.org_id and d.id = r.module_id
		join cadences c on c.org_id = m.org_id and c.id = m.cadence_id
		left join senders s on s.org_id = m.org_id and s.id = m.sender_id
		left join email_templates t on t.org_id = m.org_id and t.id = m.template_id and t.deleted_at is null
		where a.org_id = ${actor.orgId} and a.id = ${activity.id}`);
	if (!row) throw new DomainError('not_found', 'The e-mail of this review is gone.');
	const { subject, html, edited, ...facts } = held.parse(row);
	const template = subject === null || html === null ? null : { subject, html };
	const text = template && {
		subject: edited?.subject ?? template.subject,
		html: edited?.html ?? template.html
	};
	const mail = text && (await previewTemplate(tx, actor, { recordId: facts.recordId, ...text }));
	return { ...facts, template, text, edited: Object.keys(edited ?? {}).length > 0, mail };
}
