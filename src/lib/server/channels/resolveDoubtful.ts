import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';
import { createMessageId } from './email/messageId.ts';

type Doubtful = {
	id: string;
	channel: 'email' | 'whatsapp';
	action_run_id: string;
	attempt: number;
	mail_domain: string;
	current: boolean;
};

async function lockDoubtful(tx: OrgTx, actor: Actor, messageId: string): Promise<Doubtful> {
	requirePermission(actor, 'cadences.manage');
	const [row] = await tx.execute<Doubtful>(sql`
		select m.id, m.channel, m.action_run_id, m.attempt, o.mail_domain, e.status in ('active', 'paused') and e.run_no = m.run_no
			and coalesce(e.race ->> 'actionId', e.current_action_id) = m.action_id as current
		from messages m join organizations o on o.id = m.org_id
		join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id
		where m.org_id = ${actor.orgId} and m.id = ${messageId} and m.status = 'unknown' for update of m`);
	if (!row) throw new DomainError('not_found', 'This message is not doubtful any more.');
	return row;
}

/** EXE-10: a person takes it as sent, which the run has assumed all along; it leaves the list. */
export async function assumeSent(tx: OrgTx, actor: Actor, input: { messageId: string }): Promise<void> {
	const message = await lockDoubtful(tx, actor, input.messageId);
	await tx.execute(sql`
		update messages set status = 'sent', resolution = 'assumed', resolved_by = ${actor.userId}, resolved_at = app.now()
		where org_id = ${actor.orgId} and id = ${message.id}`);
	await writeAudit(tx, actor, { action: 'message.assumeSent', objectType: 'message', objectId: message.id });
}

/**
 * EXE-10: a person wants it sent once more, knowing that it may arrive twice; only while its action is current. The new
 * mail has a Message-ID of its own, so that both can be told apart.
 */
export async function sendAgain(tx: OrgTx, actor: Actor, input: { messageId: string }): Promise<void> {
	const message = await lockDoubtful(tx, actor, input.messageId);
	if (!message.current)
		throw new DomainError(
			'conflict',
			'The run has gone on to another action, so this message is not sent again.'
		);
	const rfcId = createMessageId(message.action_run_id, message.mail_domain, message.attempt + 1);
	await tx.execute(sql`
		update messages set status = 'queued', claim = null, lease_until = null, quota_day = null, settled_at = null,
			not_before = app.now(), rfc_message_id = case when channel = 'email' then ${rfcId} end, deferred_at = null,
			resolution = 'again', resolved_by = ${actor.userId}, resolved_at = app.now()
		where org_id = ${actor.orgId} and id = ${message.id}`);
	await enqueue(tx, 'sendMessages', { channel: message.channel }, { key: `sendMessages:${message.channel}` });
	await writeAudit(tx, actor, { action: 'message.sendAgain', objectType: 'message', objectId: message.id });
}
