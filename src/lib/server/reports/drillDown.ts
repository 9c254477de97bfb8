import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { actionEventKinds, runEventKinds } from '#lib/domain/enrollment/events.ts';
import { reportFilterSchema } from '#lib/domain/report/filter.ts';
import type { OrgTx } from '../db/client.ts';
import { requireCadenceModule } from '../enrollments/requireCadenceModule.ts';
import { daysCondition } from './readCounts.ts';

const drillDownSchema = z.object({
	filter: reportFilterSchema,
	actionId: z.string().max(40).nullable().default(null),
	kind: z.enum([...runEventKinds, ...actionEventKinds, 'reached']),
	/** A call result, a reason, a follow-up number for `reached`; null = any. */
	detail: z.string().max(300).nullable().default(null),
	/** One row per run (the figure people see), or every event. */
	unique: z.boolean().default(true),
	machine: z.boolean().default(false),
	cursor: z
		.object({ at: z.iso.datetime({ offset: true }), id: z.int() })
		.nullable()
		.default(null),
	limit: z.int().min(1).max(200).default(50)
});
export type DrillDown = z.input<typeof drillDownSchema>;

const row = z.object({
	eventId: z.coerce.number(),
	/** Microseconds matter to the cursor: the text of the database. */
	at: z.string(),
	recordId: z.string(),
	recordName: z.string(),
	deleted: z.boolean(),
	moduleKey: z.string(),
	ownerName: z.string().nullable(),
	kind: z.string(),
	detail: z.string().nullable(),
	actionId: z.string().nullable(),
	late: z.boolean()
});
type DrillDownRow = z.infer<typeof row>;
export type DrillDownPage = { rows: DrillDownRow[]; next: { at: string; id: number } | null };

/**
 * REP-1: the records behind one number of a report, newest first, by keyset. The list is as long as the number is, but
 * for records the viewer may not see (PER-3), which the number leaves out too.
 * @throws forbidden, invalid
 */
export async function drillDown(tx: OrgTx, actor: Actor, input: DrillDown): Promise<DrillDownPage> {
	requirePermission(actor, 'cadences.view');
	const { filter, actionId, kind, detail, unique, machine, cursor, limit } = drillDownSchema.parse(input);
	await requireCadenceModule(tx, actor, filter.cadenceId);
	const visible = visibleOwner(actor);
	const scope = sql`e.org_id = ${actor.orgId} and e.cadence_id = ${filter.cadenceId}`;
	const inFilter = sql`(${filter.versionId}::uuid is null or e.version_id = ${filter.versionId})
		and ${daysCondition(filter, sql`e`)}`;
	const source =
		kind === 'reached'
			? sql`(select distinct on (e.enrollment_id, e.run_no) e.* from events e
				where ${scope} and e.kind in ('executed', 'skipped') and e.follow_up >= ${/^\d{1,4}$/.test(detail ?? '') ? Number(detail) : 1}
				order by e.enrollment_id, e.run_no, e.at, e.id)`
			: sql`(select e.* from events e where ${scope} and e.kind = ${kind} and e.machine = ${machine}
				and (${actionId}::text is null or e.action_id = ${actionId})
				and (${detail}::text is null or e.detail = ${detail}) and (not ${unique} or e.first))`;
	const found = await tx.execute(sql`
		select e.id as "eventId", to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
			e.record_id as "recordId", r.name as "recordName", r.deleted_at is not null as deleted, m.key as "moduleKey",
			u.name as "ownerName", e.kind, e.detail, e.action_id as "actionId", e.late
		from ${source} e
		join records r on r.org_id = e.org_id and r.id = e.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		left join users u on u.org_id = r.org_id and u.id = r.owner_id
		where ${inFilter}
			and (${visible}::uuid is null or r.owner_id = ${visible})
			and (${filter.ownerId}::uuid is null or r.owner_id = ${filter.ownerId})
			and (${cursor?.at ?? null}::timestamptz is null
				or (e.at, e.id) < (${cursor?.at ?? null}::timestamptz, ${cursor?.id ?? null}::bigint))
		order by e.at desc, e.id desc limit ${limit + 1}`);
	const rows = z.array(row).parse([...found]);
	const last = rows.length > limit ? rows[limit - 1] : undefined;
	return { rows: rows.slice(0, limit), next: last ? { at: last.at, id: last.eventId } : null };
}
