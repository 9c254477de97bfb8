import { sql, type SQL } from 'drizzle-orm';
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
	/** Rank, epoch microseconds and id of the row: the keyset of the next page. */
	cursor: z.string()
});
export type WorkItem = z.infer<typeof workRow>;

export const workSorts = ['due', 'priority', 'calls'] as const;
type WorkSort = (typeof workSorts)[number];

/** CRM-9: what comes first: the more urgent by a person's word, or everything that is done on the phone. */
const rankOf: Record<WorkSort, SQL> = {
	due: sql`0`,
	priority: sql`case a.priority when 'High' then 0 when 'Normal' then 1 else 2 end`,
	calls: sql`case a.kind when 'call' then 0 else 1 end`
};

export type WorkQuery = {
	/** `due`: due or overdue now; `upcoming`: later; `all`. */
	scope?: 'due' | 'upcoming' | 'all';
	kind?: 'task' | 'call';
	cadenceId?: string;
	/** Within the same rank the earliest comes first; `due`: there is but one rank. */
	sort?: WorkSort;
	/** `cursor` of the last row of the page before. */
	after?: string;
	limit?: number;
};

const cursorPattern = /^(\d)~(-?\d{1,20})~([0-9a-f-]{36})$/;
const FAR = 253_402_300_799_000_000n; // end of the year 9999: activities without a date come last

/** CRM-9: the actor's open calls and tasks over all cadences, in order; by keyset, so any length stays fast. */
export async function listWork(
	tx: OrgTx,
	actor: Actor,
	{ scope = 'due', kind, cadenceId, sort = 'due', after, limit = 50 }: WorkQuery = {}
): Promise<WorkItem[]> {
	const [, rank, at, id] = cursorPattern.exec(after ?? '') ?? [];
	// Compared as instants, so that the index on (owner, due) can be used for the dated rows.
	const rows = await tx.execute(sql`
		select x.*, x.rank || '~' || x.due_us || '~' || x.id as cursor from (
			select a.id, a.kind, a.subject, a.description, a.status, a.priority, a.phone, a.due_at as "dueAt",
				coalesce(a.due_at < app.now(), false) as overdue, r.id as "recordId", r.name as "recordName",
				m.key as "moduleKey", c.id as "cadenceId", c.name as "cadenceName", a.review,
				coalesce((extract(epoch from a.due_at) * 1000000)::bigint, ${String(FAR)}::bigint) as due_us,
				${rankOf[sort]} as rank
			from activities a
			join records r on r.org_id = a.org_id and r.id = a.record_id
			join modules m on m.org_id = r.org_id and m.id = r.module_id
			left join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
			left join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
			where a.org_id = ${actor.orgId} and a.owner_id = ${actor.userId}
				and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null and r.deleted_at is null
				and (${scope} = 'all' or (${scope} = 'due') = coalesce(a.due_at <= app.now() + interval '1 minute', false))
				and (${kind ?? null}::text is null or a.kind = ${kind ?? null}::text)
				and (${cadenceId ?? null}::uuid is null or e.cadence_id = ${cadenceId ?? null}::uuid)) x
		where ${id ?? null}::uuid is null
			or (x.rank, x.due_us, x.id) > (${rank ?? '0'}::int, ${at ?? '0'}::bigint, ${id ?? null}::uuid)
		order by x.rank, x.due_us, x.id limit ${Math.min(Math.max(limit, 1), 200)}`);
	return z.array(workRow).parse([...rows]);
}
