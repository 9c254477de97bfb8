import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

const row = z.object({
	id: z.string(),
	kind: z.enum(['task', 'call']),
	subject: z.string(),
	status: z.string(),
	priority: z.enum(['Low', 'Normal', 'High']),
	dueAt: z.coerce.date(),
	overdue: z.boolean(),
	/** By the actor's clock, `YYYY-MM-DD`. */
	day: z.string(),
	/** How many there are on that day, listed or not. */
	onDay: z.number(),
	recordId: z.string(),
	recordName: z.string(),
	moduleKey: z.string(),
	review: z.boolean()
});
export type CalendarItem = z.infer<typeof row>;

const day = z.iso.date('This day cannot be read.');
export const calendarSchema = z
	.object({
		/** First and last day, by the actor's clock. */
		from: day,
		to: day,
		kind: z.enum(['task', 'call']).nullable().default(null),
		/** The earliest so many of each day. */
		perDay: z.int().min(1).max(200)
	})
	.refine(
		({ from, to }) => Date.parse(to) - Date.parse(from) < 62 * 86_400_000,
		'Look at two months at most.'
	);

/** CRM-9: the actor's open calls and tasks of some days, in order; read along the index of open work. */
export async function listCalendar(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof calendarSchema>
): Promise<CalendarItem[]> {
	const { from, to, kind, perDay } = calendarSchema.parse(input);
	const zone = actor.timeZone;
	const rows = await tx.execute(sql`
		select x.* from (
			select a.id, a.kind, a.subject, a.status, a.priority, a.due_at as "dueAt", a.due_at < app.now() as overdue,
				to_char(a.due_at at time zone ${zone}, 'YYYY-MM-DD') as day, r.id as "recordId", r.name as "recordName",
				m.key as "moduleKey", a.review,
				(count(*) over (partition by (a.due_at at time zone ${zone})::date))::int as "onDay",
				row_number() over (partition by (a.due_at at time zone ${zone})::date order by a.due_at, a.id) as nth
			from activities a
			join records r on r.org_id = a.org_id and r.id = a.record_id
			join modules m on m.org_id = r.org_id and m.id = r.module_id
			where a.org_id = ${actor.orgId}::uuid and a.owner_id = ${actor.userId}::uuid
				and a.due_at >= ${from}::timestamp at time zone ${zone}
				and a.due_at < (${to}::date + 1)::timestamp at time zone ${zone}
				and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null and r.deleted_at is null
				and (${kind}::text is null or a.kind = ${kind}::text)) x
		where x.nth <= ${perDay}::int
		order by x."dueAt", x.id`);
	return z.array(row).parse([...rows]);
}
