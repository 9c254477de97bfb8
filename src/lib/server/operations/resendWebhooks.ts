import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';

export const resendSchema = z.union([
	z.object({ id: z.uuid() }),
	/** Everything the page lists and what lies behind it: all of the last seven days. */
	z.object({ all: z.literal(true) })
]);

/** One click takes so many; the rest stays listed. */
const most = 10_000;

/**
 * GRA-8: has webhooks that nobody took called once more, each with the key it had. Its run stays where it is: what comes
 * back is late (EXE-9). Two people who click at once send it once. Profile Administrator.
 * @returns how many are on their way
 * @throws forbidden; not_found when there is nothing to send (any more)
 */
export async function resendWebhooks(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof resendSchema>
): Promise<number> {
	requirePermission(actor, 'admin');
	const chosen = resendSchema.parse(input);
	const id = 'id' in chosen ? chosen.id : null;
	const rows = await tx.execute<{ id: string }>(sql`
		with x as (
			select org_id, id from webhook_calls
			where org_id = ${actor.orgId}::uuid and status = 'failed' and settled_at > app.now() - interval '7 days'
				and (${id}::uuid is null or id = ${id}::uuid)
			order by settled_at limit ${most} for update)
		update webhook_calls w set status = 'queued', sent_again_at = app.now(), not_before = app.now(), attempts = 0,
			first_attempt_at = null, settled_at = null, wait_reason = null, claim = null, lease_until = null
		from x where w.org_id = x.org_id and w.id = x.id returning w.id`);
	if (!rows.length)
		throw new DomainError('not_found', 'There is nothing to send again: somebody else has just done it.');
	await enqueue(tx, 'sendWebhooks', {}, { key: 'sendWebhooks' });
	await writeAudit(tx, actor, {
		action: 'webhook.sendAgain',
		objectType: 'webhook',
		...(id ? { objectId: id } : { after: { count: rows.length } })
	});
	return rows.length;
}
