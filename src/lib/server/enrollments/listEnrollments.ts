import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { endReasons, enrollmentStatuses, type EnrollmentStatus } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { requireCadenceModule } from './requireCadenceModule.ts';
import { readEnrollmentViews, type EnrollmentView } from './enrollmentView.ts';

export const listEnrollmentsSchema = z.object({
	cadenceId: z.uuid(),
	status: z.enum(enrollmentStatuses).nullable().default(null),
	reason: z.enum(endReasons).nullable().default(null),
	cursor: z.string().max(200).nullable().default(null),
	limit: z.int().min(1).max(200).default(50)
});

export type EnrollmentPage = {
	rows: EnrollmentView[];
	nextCursor: string | null;
	/** Over the whole cadence, as far as the actor may see (PER-3). */
	counts: Record<EnrollmentStatus, number>;
	/** EXE-4: failed runs by reason. */
	failedBy: { reason: string; count: number }[];
	quarantined: number;
};

/**
 * ENR-8: the cadence's Enrollments page, newest first. Keyset paging: each status is read along its index, so no page
 * costs more than the first at a million enrollments. Permission VIEW.
 */
export async function listEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof listEnrollmentsSchema>
): Promise<EnrollmentPage> {
	requirePermission(actor, 'cadences.view');
	const { cadenceId, status, reason, cursor, limit } = listEnrollmentsSchema.parse(input);
	await requireCadenceModule(tx, actor, cadenceId);
	const owner = visibleOwner(actor);
	const visible = owner
		? sql`exists (select 1 from records o where o.org_id = n.org_id and o.id = n.record_id and o.owner_id = ${owner}::uuid)`
		: sql`true`;
	const after = cursor ? readCursor(cursor) : null;
	const statuses = status ? [status] : enrollmentStatuses;
	const from = sql`(
		select p.* from unnest(${sql.param([...statuses])}::text[]) as s(status)
		cross join lateral (
			select n.* from enrollments n
			where n.org_id = ${actor.orgId}::uuid and n.cadence_id = ${cadenceId}::uuid and n.status = s.status and ${visible}
				and (${reason}::text is null or n.end_reason = ${reason})
				and (${after?.at ?? null}::timestamptz is null
					or (n.enrolled_at, n.id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
			order by n.enrolled_at desc, n.id desc limit ${limit + 1}) p
		order by p.enrolled_at desc, p.id desc limit ${limit + 1}) e`;
	const found = await readEnrollmentViews(tx, from, sql`e.enrolled_at desc, e.id desc`);
	const rows = found.slice(0, limit);
	const last = rows.at(-1);
	return {
		rows,
		nextCursor: found.length > limit && last ? writeCursor(last) : null,
		...(await countAll(tx, actor, cadenceId))
	};
}

async function countAll(tx: OrgTx, actor: Actor, cadenceId: string) {
	const owner = visibleOwner(actor);
	const rows = await tx.execute<{
		status: EnrollmentStatus;
		reason: string | null;
		n: number;
		aside: number;
	}>(sql`
		select e.status, case when e.status = 'failed' then e.end_reason end as reason, count(*)::int as n,
			count(e.quarantined_at)::int as aside
		from enrollments e ${owner ? sql`join records r on r.org_id = e.org_id and r.id = e.record_id` : sql``}
		where e.org_id = ${actor.orgId}::uuid and e.cadence_id = ${cadenceId}::uuid
			${owner ? sql`and r.owner_id = ${owner}::uuid` : sql``}
		group by 1, 2 order by 3 desc`);
	const counts = { active: 0, paused: 0, completed: 0, stopped: 0, failed: 0 };
	for (const row of rows) counts[row.status] += row.n;
	return {
		counts,
		failedBy: rows.flatMap((row) => (row.reason ? [{ reason: row.reason, count: row.n }] : [])),
		quarantined: rows.reduce((sum, row) => sum + row.aside, 0)
	};
}

const cursorSchema = z.object({ at: z.iso.datetime(), id: z.uuid() });

const writeCursor = (row: EnrollmentView) =>
	Buffer.from(JSON.stringify({ at: row.enrolledAt, id: row.id })).toString('base64url');

function readCursor(cursor: string): z.infer<typeof cursorSchema> {
	try {
		return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
	} catch {
		throw new DomainError('invalid', 'This page link is not readable. Open the list again.', '/cursor');
	}
}
