import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	id: z.string(),
	at: z.coerce.date(),
	/** Host and port of the address that was called. */
	receiver: z.string(),
	attempts: z.number(),
	error: z.string(),
	actionTitle: z.string(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	cadenceId: z.string(),
	cadenceName: z.string()
});
type FailedWebhook = z.infer<typeof row>;

/** `total` is counted up to this. */
const mostCounted = 10_000;

export type FailedWebhooks = { calls: FailedWebhook[]; total: number };

/** GRA-6, GRA-8: webhooks of the last seven days that no receiver took, newest first. Profile Administrator. */
export async function listFailedWebhooks(tx: OrgTx, actor: Actor, limit = 20): Promise<FailedWebhooks> {
	requirePermission(actor, 'admin');
	const rows = await tx.execute(sql`
		select w.id, w.settled_at as at, w.receiver, w.attempts, coalesce(w.last_error, '') as error,
			coalesce(v.plan -> 'nodes' -> w.action_id ->> 'title', '') as "actionTitle",
			r.id as "recordId", r.name as "recordName", m.key as "moduleKey", c.id as "cadenceId", c.name as "cadenceName"
		from (select * from webhook_calls
			where org_id = ${actor.orgId}::uuid and status = 'failed' and settled_at > app.now() - interval '7 days'
			order by settled_at desc, id desc limit ${limit}) w
		join enrollments e on e.org_id = w.org_id and e.id = w.enrollment_id
		join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
		join cadences c on c.org_id = w.org_id and c.id = w.cadence_id
		join records r on r.org_id = w.org_id and r.id = w.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		order by w.settled_at desc, w.id desc`);
	const calls = z.array(row).parse([...rows]);
	if (calls.length < limit) return { calls, total: calls.length };
	const [counted] = await tx.execute<{ n: number }>(sql`
		select count(*)::int as n from (select 1 from webhook_calls
			where org_id = ${actor.orgId}::uuid and status = 'failed' and settled_at > app.now() - interval '7 days'
			limit ${mostCounted}) f`);
	return { calls, total: counted?.n ?? calls.length };
}
