import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { emailTemplateSchema } from '#lib/domain/mergeFields/template.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { checkEmailTemplate } from '../templates/checkEmailTemplate.ts';
import { getReview } from './getReview.ts';

const editSchema = emailTemplateSchema
	.pick({ subject: true, html: true })
	.extend({ activityId: z.string().max(40) });

/**
 * GRA-8 [+]: whoever reviews an e-mail may change its subject and text before it goes. The change belongs to this message
 * alone, merge fields in it are filled in at hand-over, and its HTML goes through the allow-list here and there.
 * The owner of the task, or who may edit the record.
 * @throws not_found, forbidden, invalid (subject or html), conflict (it does not wait any more)
 */
export async function editReviewed(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof editSchema>
): Promise<void> {
	const { activityId, subject, html } = editSchema.parse(input);
	const review = await getReview(tx, actor, activityId);
	const checked = await checkEmailTemplate(tx, {
		name: 'Review',
		moduleKey: review.moduleKey,
		subject,
		html
	});
	// What stays like the template follows it, also into the thread that the mail continues.
	const edited = {
		...(checked.subject !== review.template?.subject && { subject: checked.subject }),
		...(checked.html !== review.template?.html && { html: checked.html })
	};
	const [row] = await tx.execute<{ id: string }>(sql`
		update messages m set settings = jsonb_set(m.settings, '{edited}', ${JSON.stringify(edited)}::jsonb)
		from activities a where a.org_id = ${actor.orgId}::uuid and a.id = ${activityId}::uuid and a.review
			and m.org_id = a.org_id and m.action_run_id = a.action_run_id
			and m.status = 'queued' and m.wait_reason = 'review' returning m.id`);
	if (!row)
		throw new DomainError('conflict', 'This e-mail does not wait any more: it was sent or withdrawn.');
	await writeAudit(tx, actor, {
		action: 'message.edit',
		objectType: 'message',
		objectId: row.id,
		after: { fields: Object.keys(edited) }
	});
}
