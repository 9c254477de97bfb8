import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	kind: z.enum(['run', 'response']),
	/** Of the run; a response has a number. */
	id: z.string(),
	at: z.coerce.date(),
	/** What the database or the code said; for a response, what it is. */
	reason: z.string(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	cadenceId: z.string(),
	cadenceName: z.string()
});
export type SetAside = z.infer<typeof row>;

/** RELIABILITY.md 2.6: runs and responses that made a pass fail, newest first: the engine leaves them alone. */
export async function listQuarantined(tx: OrgTx, actor: Actor, limit = 50): Promise<SetAside[]> {
	requirePermission(actor, 'admin');
	const joined = sql`
		join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		join records r on r.org_id = e.org_id and r.id = e.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id`;
	const shown = sql`r.id as "recordId", r.name as "recordName", m.key as "moduleKey", c.id as "cadenceId", c.name as "cadenceName"`;
	const rows = await tx.execute(sql`
		(select 'run' as kind, e.id::text, e.quarantined_at as at, coalesce(e.quarantine_reason, '') as reason, ${shown}
			from enrollments e ${joined}
			where e.org_id = ${actor.orgId}::uuid and e.quarantined_at is not null order by e.quarantined_at desc limit ${limit})
		union all
		(select 'response', w.id::text, w.quarantined_at, 'Response "' || w.kind || '" could not be applied.', ${shown}
			from responses w join enrollments e on e.org_id = w.org_id and e.id = w.enrollment_id ${joined}
			where w.org_id = ${actor.orgId}::uuid and w.quarantined_at is not null order by w.id desc limit ${limit})
		order by at desc limit ${limit}`);
	return z.array(row).parse([...rows]);
}
