import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { getRecord } from './getRecord.ts';
import { mergedInto } from './mergedInto.ts';
import { plannedAction, plannedActionSchema } from './plannedAction.ts';

const itemSchema = z.object({
	at: z.string(),
	source: z.enum(['audit', 'event', 'message', 'inbound', 'activity']),
	id: z.string(),
	/** `record.update`, `enrolled`, `email`, `reply`, `call`, ... by source. */
	kind: z.string(),
	actorName: z.string().nullable(),
	cadenceId: z.string().nullable(),
	cadenceName: z.string().nullable(),
	/** The action of the cadence it belongs to. */
	action: plannedActionSchema,
	data: z.record(z.string(), z.unknown())
});
/** `at` is ISO in UTC. `data` holds what the source shows: changed fields, subject and status, result and note, ... */
export type TimelineItem = z.infer<typeof itemSchema>;
export type Timeline = { items: TimelineItem[]; nextCursor: string | null };

const cursorSchema = z.object({ at: z.iso.datetime(), s: z.string(), i: z.string() });

/**
 * One stream of rows per source: each walks its own index backwards and stops after a page. What is one thing is one
 * entry: the message or activity stands for "executed" and "sent", a mail that came in for "replied".
 */
const sources: Record<TimelineItem['source'], (id: string) => SQL> = {
	audit: (id) => sql`
		select 'audit' as source, a.id::text as id, a.at, a.action as kind, a.actor_id,
			-- What a cadence did names its run (causeOf).
			by.run[2]::uuid as cadence_id, null::uuid as version_id, by.run[3]::uuid as enrollment_id,
			by.run[4]::int as run_no, by.run[5] as action_id,
			jsonb_build_object('before', a.before, 'after', a.after) as data
		from audit_entries a
		cross join lateral (select case when a.request_id like 'cadence/%' then string_to_array(a.request_id, '/') end as run) by
		where a.org_id = app.org_id() and a.object_id = ${id}::uuid`,
	event: (id) => sql`
		select 'event' as source, lpad(e.id::text, 20, '0') as id, e.at, e.kind, e.actor_id, e.cadence_id, e.version_id,
			e.enrollment_id, e.run_no, e.action_id, jsonb_build_object('detail', e.detail, 'followUp', e.follow_up,
				'late', e.late, 'machine', e.machine, 'text', e.data->>'text', 'outcome', e.data->>'outcome') as data
		from enrollments n join events e on e.org_id = n.org_id and e.enrollment_id = n.id
		where n.org_id = app.org_id() and n.record_id = any(array(${mergedInto(id)}))
			and e.kind not in ('executed', 'sent')
			and not (e.kind = 'replied' and exists (select from messages m
				join inbound_messages i on i.org_id = m.org_id and i.message_id = m.id
				where m.org_id = e.org_id and m.enrollment_id = e.enrollment_id and m.run_no = e.run_no
					and m.action_id = e.action_id and i.record_id = e.record_id and i.kind = 'reply'))`,
	message: (id) => sql`
		select 'message' as source, m.id::text as id, m.queued_at as at, m.channel as kind, null::uuid as actor_id,
			m.cadence_id, null::uuid as version_id, m.enrollment_id, m.run_no, m.action_id,
			jsonb_build_object('status', m.status, 'subject', m.subject, 'to', m.to_address, 'sentAt', m.sent_at,
				'openedAt', m.opened_at, 'clickedAt', m.clicked_at, 'repliedAt', m.replied_at,
				'bouncedAt', m.bounced_at, 'waitReason', m.wait_reason, 'error', m.error_text,
				'edited', coalesce(m.settings -> 'edited', '{}') <> '{}') as data
		from messages m where m.org_id = app.org_id() and m.record_id = ${id}::uuid`,
	inbound: (id) => sql`
		select 'inbound' as source, i.id::text as id, i.received_at as at, i.kind, null::uuid as actor_id,
			m.cadence_id, null::uuid as version_id, m.enrollment_id, m.run_no, m.action_id,
			jsonb_build_object('channel', i.channel, 'from', i.from_address, 'subject', i.subject,
				'text', left(i.text, 5000), 'messageId', i.message_id) as data
		from inbound_messages i left join messages m on m.org_id = i.org_id and m.id = i.message_id
		where i.org_id = app.org_id() and i.record_id = ${id}::uuid`,
	activity: (id) => sql`
		select 'activity' as source, c.id::text as id, c.created_at as at, c.kind, c.created_by as actor_id,
			n.cadence_id, null::uuid as version_id, c.enrollment_id, c.run_no, c.action_id,
			jsonb_build_object('subject', c.subject, 'status', c.status, 'result', c.result, 'note', c.note,
				'dueAt', c.due_at, 'completedAt', c.completed_at, 'cancelledBy', c.cancelled_by,
				'ownerId', c.owner_id) as data
		from activities c left join enrollments n on n.org_id = c.org_id and n.id = c.enrollment_id
		where c.org_id = app.org_id() and c.record_id = ${id}::uuid and c.deleted_at is null`
};

/**
 * CRM-8: everything that happened to a record, newest first, by keyset over all sources.
 * @param input.sources only these; default all
 * @throws not_found (PER-3), invalid (cursor)
 */
export async function getTimeline(
	tx: OrgTx,
	actor: Actor,
	input: {
		recordId: string;
		cursor?: string | null | undefined;
		limit?: number | undefined;
		sources?: readonly TimelineItem['source'][] | undefined;
	}
): Promise<Timeline> {
	const { record } = await getRecord(tx, actor, input.recordId);
	const limit = Math.min(Math.max(Math.trunc(input.limit ?? 30), 1), 200);
	const from = input.cursor ? readCursor(input.cursor) : null;
	const wanted = input.sources?.length ? input.sources : (Object.keys(sources) as TimelineItem['source'][]);
	const streams = wanted.map(
		(source) => sql`(select * from (${sources[source](record.id)}) as stream
			where ${
				from
					? sql`at <= ${from.at}::timestamptz and (at, source, id) < (${from.at}::timestamptz, ${from.s}::text, ${from.i}::text)`
					: sql`true`
			}
			order by at desc, id desc limit ${limit + 1})`
	);
	const rows = await tx.execute(sql`
		select to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, t.source, t.id, t.kind,
			u.name as "actorName", t.cadence_id as "cadenceId", c.name as "cadenceName",
			${plannedAction(sql`v.plan`, sql`t.action_id`)} as action,
			t.data || case when link is null then '{}' else jsonb_build_object('link', link) end
				|| case when t.kind = 'decided' then jsonb_build_object('label', (
					select one->>'label' from jsonb_array_elements(v.plan->'nodes'->t.action_id->'cases') one
					where one->>'id' = t.data->>'detail')) else '{}' end as data
		from (select * from (${sql.join(streams, sql` union all `)}) as merged
			order by at desc, source desc, id desc limit ${limit + 1}) as t
		left join users u on u.org_id = app.org_id() and u.id = t.actor_id
		left join cadences c on c.org_id = app.org_id() and c.id = t.cadence_id
		left join enrollments e on e.org_id = app.org_id() and e.id = t.enrollment_id
		left join cadence_versions v on v.org_id = app.org_id() and v.id = coalesce(t.version_id, e.version_id)
			and t.action_id is not null
		left join lateral (
			select m.links[(t.data->>'detail')::int + 1] as link from messages m
			where t.source = 'event' and t.kind = 'clicked' and t.data->>'detail' ~ '^[0-9]{1,4}$'
				and m.org_id = app.org_id() and m.enrollment_id = t.enrollment_id and m.run_no = t.run_no
				and m.action_id = t.action_id limit 1
		) as followed on true
		order by t.at desc, t.source desc, t.id desc`);
	const items = z.array(itemSchema).parse([...rows]);
	const page = items.slice(0, limit);
	const last = page.at(-1);
	return {
		items: page,
		nextCursor:
			items.length > limit && last
				? Buffer.from(JSON.stringify({ at: last.at, s: last.source, i: last.id })).toString('base64url')
				: null
	};
}

function readCursor(cursor: string): z.infer<typeof cursorSchema> {
	try {
		return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
	} catch {
		throw new DomainError(
			'invalid',
			'This timeline link is not valid. Start again from the newest entry.',
			'/cursor'
		);
	}
}
