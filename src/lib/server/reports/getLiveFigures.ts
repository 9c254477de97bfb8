import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission, visibleOwner } from '#lib/domain/access/permissions.ts';
import { reportFilterSchema } from '#lib/domain/report/filter.ts';
import type { CountRow } from '#lib/domain/report/funnel.ts';
import { liveNodes, type LiveFigures } from '#lib/domain/report/live.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { readCounts, recountEvents } from './readCounts.ts';

/** Everybody who looks at a cadence gets the same figures for so long: canvases ask every few seconds. */
const freshForMs = 2_500;
const cap = 500;
type Counted = Omit<LiveFigures, 'active'>;
const cache = new Map<string, { at: number; figures: Counted }>();

/**
 * COL-5: where the runs of the live version stand and what came back, per node. Sums come from the rollup; two grouped
 * counts over the cadence's enrollments add where runs wait and who reached a goal. Who sees only own records gets the
 * figures of those.
 * @throws forbidden, not_found
 */
export async function getLiveFigures(tx: OrgTx, actor: Actor, cadenceId: string): Promise<LiveFigures> {
	requirePermission(actor, 'cadences.view');
	const owner = visibleOwner(actor);
	const live = isId(cadenceId) ? await readLive(tx, actor.orgId, cadenceId) : null;
	if (!live) throw new DomainError('not_found', 'There is no such cadence. It may have been deleted.');
	if (live.version_id === null) return { version: null, active: false, starting: 0, enrolled: 0, nodes: {} };
	const key = `${live.version_id}/${owner ?? ''}`;
	const known = cache.get(key);
	if (known && Date.now() - known.at < freshForMs) return { ...known.figures, active: live.active };
	const figures = await readFigures(
		tx,
		actor.orgId,
		{ ...live, cadenceId, versionId: live.version_id },
		owner
	);
	if (cache.size >= cap) cache.clear();
	cache.set(key, { at: Date.now(), figures });
	return { ...figures, active: live.active };
}

type Live = { n: number | null; version_id: string | null; active: boolean; goal: boolean; ids: string[] };

async function readLive(tx: OrgTx, orgId: string, cadenceId: string): Promise<Live | null> {
	const [row] = await tx.execute<Live>(sql`
		select v.n, c.active_version_id as version_id, c.state = 'active' as active,
			coalesce(jsonb_path_exists(v.plan, '$.nodes.* ? (@.kind == "exit" && @.goal == true)'), false) as goal,
			coalesce((select jsonb_agg(k) from jsonb_object_keys(v.plan -> 'nodes') k), '[]') as ids
		from cadences c
		left join cadence_versions v on v.org_id = c.org_id and v.id = c.active_version_id
		where c.org_id = ${orgId} and c.id = ${cadenceId} and c.deleted_at is null`);
	return row ?? null;
}

async function readFigures(
	tx: OrgTx,
	orgId: string,
	{ cadenceId, versionId, n, goal, ids }: Live & { cadenceId: string; versionId: string },
	owner: string | null
): Promise<Counted> {
	const filter = reportFilterSchema.parse({ cadenceId, versionId });
	const rows =
		owner === null ? await readCounts(tx, orgId, filter) : await recountEvents(tx, orgId, filter, owner);
	const own =
		owner === null
			? sql`true`
			: sql`exists (select 1 from records r where r.org_id = e.org_id and r.id = e.record_id and r.owner_id = ${owner})`;
	const of = sql`e.org_id = ${orgId} and e.cadence_id = ${cadenceId} and e.version_id = ${versionId} and ${own}`;
	const standing = await tx.execute<{ id: string | null; runs: number }>(sql`
		select e.current_action_id as id, count(*)::int as runs from enrollments e
		where ${of} and e.status in ('active', 'paused') group by 1`);
	const converted = goal
		? await tx.execute<{ id: string; runs: number }>(sql`
				select a.id, count(*)::int as runs from enrollments e, jsonb_array_elements_text(e.done) a(id)
				where ${of} and e.status = 'completed' and e.end_reason = 'exit_goal' group by 1`)
		: null;
	const waiting = new Map(standing.flatMap(({ id, runs }) => (id === null ? [] : [[id, runs] as const])));
	return {
		version: n,
		starting: standing.find(({ id }) => id === null)?.runs ?? 0,
		enrolled: enrolledOf(rows),
		nodes: liveNodes(ids, rows, waiting, converted && new Map(converted.map(({ id, runs }) => [id, runs])))
	};
}

const enrolledOf = (rows: readonly CountRow[]): number =>
	rows.reduce((sum, { kind, first, count }) => (kind === 'enrolled' && first ? sum + count : sum), 0);
