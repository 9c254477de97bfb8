import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

/**
 * EXE-6: takes as many of `wanted` as are left of the organization's day and says how many. The row lock makes parallel
 * claims queue up; the sum never exceeds the limit.
 */
export async function reserveQuota(
	tx: Executor,
	input: { orgId: string; day: string; limit: number; wanted: number }
): Promise<number> {
	const [row] = await tx.execute<{ used: number }>(sql`
		insert into email_quotas (org_id, day, used) values (${input.orgId}, ${input.day}::date, 0)
		on conflict (org_id, day) do update set used = email_quotas.used returning used`);
	const granted = Math.max(0, Math.min(input.wanted, input.limit - Number(row?.used ?? 0)));
	if (granted)
		await tx.execute(sql`
			update email_quotas set used = used + ${granted} where org_id = ${input.orgId} and day = ${input.day}::date`);
	return granted;
}

/** Gives places back: withdrawn, deferred or refused before anything was handed over (EXE-6). */
export async function releaseQuota(
	tx: Executor,
	places: readonly { orgId: string; day: string }[]
): Promise<void> {
	if (!places.length) return;
	await tx.execute(sql`
		with freed as (select r."orgId" as org_id, r.day, count(*)::int as n
				from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as r("orgId" uuid, day date) group by 1, 2),
			locked as (select q.org_id, q.day, f.n from email_quotas q join freed f on f.org_id = q.org_id and f.day = q.day
				order by q.org_id, q.day for update of q)
		update email_quotas q set used = greatest(0, q.used - l.n) from locked l
		where q.org_id = l.org_id and q.day = l.day`);
}
