import { sql } from 'drizzle-orm';
import { liveEventSchema, type LiveEvent } from '#lib/domain/liveEvents.ts';
import { dueCount } from '../activities/dueCount.ts';
import { remindDue } from '../activities/sweepActivities.ts';
import type { OrgTx } from '../db/client.ts';

/** One event for one person; `key` tells a repeated reading of the same thing. */
type AddressedEvent = { userId: string; key: string; event: LiveEvent };
export type LiveReading = {
	at: string;
	events: AddressedEvent[];
	counts: Map<string, { due: number; unread: number }>;
};

/** Transactions that were open at the last reading become visible later: look back a little, the keys tell. */
const overlapSeconds = 10;

/**
 * CRM-9: what is new for these people since `since` (database time of the last reading; null = from now on). Marks due
 * calls first, so that a pop-up does not wait for the minute's sweep.
 */
export async function readLiveEvents(
	tx: OrgTx,
	orgId: string,
	userIds: readonly string[],
	since: string | null
): Promise<LiveReading> {
	await remindDue(tx, orgId);
	const users = sql.param([...userIds]);
	const [clock] = await tx.execute<{ at: string }>(sql`select app.now()::text as at`);
	const at = clock?.at ?? '';
	const from = sql`coalesce(${since}::timestamptz - make_interval(secs => ${overlapSeconds}), ${at}::timestamptz)`;
	const calls = await tx.execute<{ user_id: string; key: string; event: unknown }>(sql`
		select a.owner_id as user_id, 'call/' || a.id || '/' || a.reminded_at as key, jsonb_build_object('kind', 'callDue',
			'activityId', a.id, 'recordName', r.name, 'recordLink', '/' || m.key || '/' || r.id, 'phone', a.phone,
			'subject', a.subject, 'agenda', a.description, 'cadenceName', c.name,
			'dueAt', to_char(coalesce(a.due_at, a.created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as event
		from activities a
		join records r on r.org_id = a.org_id and r.id = a.record_id and r.deleted_at is null
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		left join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
		left join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		where a.org_id = ${orgId} and a.owner_id = any(${users}::uuid[]) and a.kind = 'call' and a.reminded_at >= ${from}
			and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null
		order by a.reminded_at limit 500`);
	const notices = await tx.execute<{ user_id: string; key: string; event: unknown }>(sql`
		select user_id, 'notice/' || id as key, jsonb_build_object('kind', 'notification', 'id', id, 'title', title, 'body', body,
			'link', link, 'createdAt', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as event
		from notifications
		where org_id = ${orgId} and user_id = any(${users}::uuid[]) and created_at >= ${from} and read_at is null
		order by created_at limit 500`);
	const counts = await tx.execute<{ user_id: string; due: number; unread: number }>(sql`
		select u.id as user_id,
			${dueCount(orgId)} as due,
			(select count(*)::int from notifications n where n.org_id = ${orgId} and n.user_id = u.id and n.read_at is null) as unread
		from unnest(${users}::uuid[]) as u(id)`);
	return {
		at,
		events: [...calls, ...notices].flatMap(({ user_id, key, event }) => {
			const parsed = liveEventSchema.safeParse(event);
			return parsed.success ? [{ userId: user_id, key, event: parsed.data }] : [];
		}),
		counts: new Map(counts.map(({ user_id, due, unread }) => [user_id, { due, unread }]))
	};
}
