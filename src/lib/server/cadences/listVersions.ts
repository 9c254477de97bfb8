import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { getCadence } from './getCadence.ts';

const count = z.array(z.unknown()).default([]);
const versionRow = z.object({
	id: z.string(),
	n: z.number(),
	note: z.string(),
	publishedAt: z.coerce.date(),
	publishedBy: z.string().nullable(),
	/** Runs that still follow this version (VER-3). */
	live: z.number(),
	/** Runs that ever followed it and are not on another one now. */
	runs: z.number(),
	authors: z.array(z.string()),
	changes: z.object({
		nodes: z.object({ added: count, removed: count, changed: count }).partial().default({}),
		branches: z.object({ added: count, removed: count, changed: count }).partial().default({}),
		settings: z.array(z.string()).default([])
	})
});
export type VersionItem = z.infer<typeof versionRow>;

/**
 * VER-2, VER-6: the published versions, newest first, with author, note, what changed and who follows them.
 * @throws forbidden, not_found
 */
export async function listVersions(tx: OrgTx, actor: Actor, cadenceId: string): Promise<VersionItem[]> {
	const cadence = await getCadence(tx, actor, cadenceId);
	const rows = await tx.execute(sql`
		select v.id, v.n, v.note, v.published_at as "publishedAt", u.name as "publishedBy", v.changes,
			coalesce((select jsonb_agg(a.name order by a.name) from users a where a.org_id = v.org_id
				and a.id::text in (select jsonb_array_elements_text(coalesce(v.changes -> 'authors', '[]')))), '[]') as authors,
			coalesce(e.live, 0) as live, coalesce(e.runs, 0) as runs
		from cadence_versions v
		left join users u on u.org_id = v.org_id and u.id = v.published_by
		left join (
			select version_id, count(*)::int as runs, (count(*) filter (where status in ('active', 'paused')))::int as live
			from enrollments where org_id = ${actor.orgId} and cadence_id = ${cadence.id} group by 1
		) e on e.version_id = v.id
		where v.org_id = ${actor.orgId} and v.cadence_id = ${cadence.id}
		order by v.n desc`);
	return z.array(versionRow).parse([...rows]);
}
