import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

const workRow = z.object({
	id: z.string(),
	kind: z.enum(['task', 'call']),
	subject: z.string(),
	description: z.string(),
	status: z.string(),
	priority: z.enum(['Low', 'Normal', 'High']),
	phone: z.string().nullable(),
	dueAt: z.coerce.date().nullable(),
	overdue: z.boolean(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	cadenceId: z.string().nullable(),
	cadenceName: z.string().nullable(),
	/** GRA-8: it holds an e-mail that can be looked at. */
	review: z.boolean(),
	/** Epoch microseconds and id of the row: the keyset of the next page. */
	cursor: z.string()
});
export type WorkItem = z.infer<typeof workRow>;

export type WorkQuery = {
	/** `due`: due or overdue now; `upcoming`: later; `all`. */
	scope?: 'due' | 'upcoming' | 'all';
	kind?: 'task' | 'call';
	/** `cursor` of the last row of the page before. */
	after?: string;
	limit?: number;
};

const cursorPattern = /^(-?\d{1,20})~([0-9a-f-]{36})$/;
const FAR = 253_402_300_799_000_000n; // end of the year 9999: activities without a date come last

/** CRM-9: the actor's open calls and tasks over all cadences, earliest first; by keyset, so any length stays fast. */
export async function listWork(
	tx: OrgTx,
	actor: Actor,
	{ scope = 'due', kind, after, limit = 50 }: WorkQuery = {}
): Promise<WorkItem[]> {
	const [, at, id] = cursorPattern.exec(after ?? '') ?? [];
	// Compared as instants, so that the index on (owner, due) can be used for the dated rows.
	const rows = await tx.execute(sql`
		select x.*, x.due_us || '~' || x.id as cursor from (
			select a.id, a.kind, a.subject, a.description, a.status, a.priority, a.phone, a.due_at as "dueAt",
				coalesce(a.due_at < app.now(), false) as overdue, r.id as "recordId", r.name as "recordName",
				m.key as "moduleKey", c.id as "cadenceId", c.name as "cadenceName", a.review,
				coalesce((extract(epoch from a.due_at) * 1000000)::bigint, ${String(FAR)}::bigint) as due_us
			from activities a
			join records r on r.org_id = a.org_id and r.id = a.record_id
			join modules m on m.org_id = r.org_id and m.id = r.module_id
			left join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
			left join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
			where a.org_id = ${actor.orgId} and a.owner_id = ${actor.userId}
				and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null and r.deleted_at is null
				and (${scope} = 'all' or (${scope} = 'due') = coalesce(a.due_at <= app.now() + interval '1 minute', false))
				and (${kind ?? null}::text is null or a.kind = ${kind ?? null}::text)) x
		where ${id ?? null}::uuid is null or (x.due_us, x.id) > (${at ?? '0'}::bigint, ${id ?? null}::uuid)
		order by x.due_us, x.id limit ${Math.min(Math.max(limit, 1), 200)}`);
	return z.array(workRow).parse([...rows]);
}
