import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	id: z.string(),
	channel: z.enum(['email', 'whatsapp']),
	toAddress: z.string(),
	subject: z.string().nullable(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	cadenceId: z.string(),
	cadenceName: z.string(),
	attemptedAt: z.coerce.date(),
	reason: z.string().nullable(),
	/** EXE-10: only while its action is the current one of a live run. */
	canSendAgain: z.boolean()
});
export type DoubtfulMessage = z.infer<typeof row>;

/** EXE-10: sends whose outcome nobody can know, newest first, until evidence or a person settles them. */
export async function listDoubtful(
	tx: OrgTx,
	actor: Actor,
	{ cadenceId = null, limit = 100 }: { cadenceId?: string | null; limit?: number } = {}
): Promise<DoubtfulMessage[]> {
	requirePermission(actor, 'cadences.view');
	const owner = visibleOwner(actor);
	const rows = await tx.execute(sql`
		select m.id, m.channel, m.to_address as "toAddress", m.subject, r.id as "recordId", r.name as "recordName",
			d.key as "moduleKey", c.id as "cadenceId", c.name as "cadenceName", m.settled_at as "attemptedAt", m.error_text as reason,
			e.status in ('active', 'paused') and e.run_no = m.run_no
				and coalesce(e.race ->> 'actionId', e.current_action_id) = m.action_id as "canSendAgain"
		from messages m
		join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id
		join cadences c on c.org_id = m.org_id and c.id = m.cadence_id
		join records r on r.org_id = m.org_id and r.id = m.record_id
		join modules d on d.org_id = r.org_id and d.id = r.module_id
		where m.org_id = ${actor.orgId} and m.status = 'unknown' and m.resolution is null
			and (${cadenceId}::uuid is null or m.cadence_id = ${cadenceId}::uuid)
			${owner ? sql`and r.owner_id = ${owner}::uuid` : sql``}
		order by m.settled_at desc, m.id desc limit ${Math.min(limit, 500)}`);
	return z.array(row).parse([...rows]);
}
