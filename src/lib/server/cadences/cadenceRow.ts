import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { cadenceStates, enrollmentKinds } from '#lib/domain/cadence/cadence.ts';
import type { OrgTx } from '../db/client.ts';

const person = z.object({ id: z.string(), name: z.string() });
const instant = z.coerce.date();

const cadenceRow = z.object({
	id: z.string(),
	name: z.string(),
	description: z.string(),
	module: z.object({ id: z.string(), key: z.string(), singular: z.string(), plural: z.string() }),
	enrollmentKind: z.enum(enrollmentKinds),
	/** The audience of the live version, of the first draft before one is published; null for manual enrollment. */
	view: z.object({ id: z.string(), name: z.string() }).nullable(),
	state: z.enum(cadenceStates),
	/** The live version; null before the first publish. */
	version: z
		.object({ id: z.string(), n: z.number(), publishedAt: instant, publishedBy: person.nullable() })
		.nullable(),
	/** CAD-3: the draft was edited since the live version was read from it. */
	draftPending: z.boolean(),
	createdAt: instant,
	createdBy: person.nullable(),
	activatedAt: instant.nullable(),
	/** Records in it now (active or paused), and ever. */
	live: z.number(),
	total: z.number()
});
export type CadenceItem = z.infer<typeof cadenceRow>;

/** One statement for the list and for one cadence; `where` and `order` speak of `c` (cadences) and `m` (modules). */
export async function readCadences(
	tx: OrgTx,
	where: SQL,
	order: SQL = sql`lower(c.name)`
): Promise<CadenceItem[]> {
	const rows = await tx.execute(sql`
		select c.id, c.name, c.description, c.enrollment_kind as "enrollmentKind", c.state,
			c.created_at as "createdAt", c.activated_at as "activatedAt",
			jsonb_build_object('id', m.id, 'key', m.key, 'singular', m.singular, 'plural', m.plural) as module,
			case when w.id is null then null else jsonb_build_object('id', w.id, 'name', w.name) end as view,
			case when v.id is null then null else jsonb_build_object('id', v.id, 'n', v.n, 'publishedAt', v.published_at,
				'publishedBy', case when p.id is null then null else jsonb_build_object('id', p.id, 'name', p.name) end)
				end as version,
			coalesce(d.generation <> v.doc_generation or d.seq <> v.doc_seq, true) as "draftPending",
			case when u.id is null then null else jsonb_build_object('id', u.id, 'name', u.name) end as "createdBy",
			coalesce(e.live, 0)::int as live, coalesce(e.total, 0)::int as total
		from cadences c
		join modules m on m.org_id = c.org_id and m.id = c.module_id
		left join views w on w.org_id = c.org_id and w.id = c.view_id
		left join cadence_versions v on v.org_id = c.org_id and v.id = c.active_version_id
		left join documents d on d.org_id = c.org_id and d.cadence_id = c.id
		left join users p on p.org_id = c.org_id and p.id = v.published_by
		left join users u on u.org_id = c.org_id and u.id = c.created_by
		left join lateral (
			select count(*) filter (where status in ('active', 'paused')) as live, count(*) as total
			from enrollments where org_id = c.org_id and cadence_id = c.id
		) e on true
		where c.org_id = app.org_id() and c.deleted_at is null and ${where}
		order by ${order}, c.id`);
	return z.array(cadenceRow).parse([...rows]);
}
