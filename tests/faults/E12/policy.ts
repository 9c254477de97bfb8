import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import type { OrgTx } from '../../../src/lib/server/db/client.ts';

/** A plan as it is stored; the campaign reads it by itself. */
type StoredPlan = {
	entry: { id: string; target: string; delay: unknown };
	nodes: Record<
		string,
		{
			kind: string;
			config?: unknown;
			branches?: { id: string; when: unknown; delay: unknown; target: string; negative: boolean }[];
		}
	>;
};
export type Standing = {
	id: string;
	version: string;
	status: string;
	reason: string | null;
	current: string | null;
	/** For all the run knows, its current action's message waits in the outbox. */
	queued: boolean;
	/** What is timed or frozen. */
	timed: string[];
	due: string | null;
	seq: number;
};
export type Policy = 'stop' | 'keep' | 'move';

/** Live runs, or these ones whatever became of them. */
export async function readStandings(
	tx: OrgTx,
	cadenceId: string,
	ids?: readonly string[]
): Promise<Map<string, Standing>> {
	const wanted = ids
		? sql`e.id = any(${sql.param([...ids])}::uuid[])`
		: sql`e.status in ('active', 'paused')`;
	const rows = await tx.execute<Standing>(sql`
		select e.id, e.version_id as version, e.status, e.end_reason as reason, e.current_action_id as current, e.version as seq,
			e.current_action_id is not null and e.race ->> 'openedAt' is null as queued,
			array(select jsonb_object_keys(coalesce(nullif(e.race -> 'timed', 'null'), '{}'))
				union select jsonb_object_keys(coalesce(nullif(e.frozen, 'null'), '{}'))
				union select e.next_branch_id where e.next_branch_id is not null) as timed,
			e.due_at::text as due
		from enrollments e where e.cadence_id = ${cadenceId}::uuid and ${wanted}`);
	return new Map(rows.map((row) => [row.id, row]));
}

export async function readPlans(tx: OrgTx, cadenceId: string): Promise<Map<string, StoredPlan>> {
	const rows = await tx.execute<{ id: string; plan: StoredPlan }>(
		sql`select id, plan from cadence_versions where cadence_id = ${cadenceId}::uuid`
	);
	return new Map(rows.map((row) => [row.id, row.plan]));
}

function branchOf(plan: StoredPlan, id: string) {
	if (id === plan.entry.id)
		return { when: null, negative: false, target: plan.entry.target, delay: plan.entry.delay };
	for (const node of Object.values(plan.nodes))
		for (const one of node.branches ?? [])
			if (one.id === id)
				return { when: one.when, negative: one.negative, target: one.target, delay: one.delay };
	return null;
}

/** VER-4 in its own words: whose queued message, timed branch or that branch's target changed or went, or whose action went. */
export function isAffected(
	run: Standing,
	older: StoredPlan,
	newer: StoredPlan
): { affected: boolean; gone: boolean } {
	const changed = (id: string) =>
		!newer.nodes[id] ||
		older.nodes[id]!.kind !== newer.nodes[id].kind ||
		!isDeepStrictEqual(older.nodes[id]!.config, newer.nodes[id].config);
	if (run.current !== null && !newer.nodes[run.current]) return { affected: true, gone: true };
	if (run.queued && run.current !== null && changed(run.current)) return { affected: true, gone: false };
	const touched = run.timed.some((id) => {
		const was = branchOf(older, id);
		return was !== null && (!isDeepStrictEqual(was, branchOf(newer, id)) || changed(was.target));
	});
	return { affected: touched, gone: false };
}

/** Whether what became of a run is what the table of VER-4 says. */
export function followsPolicy(
	before: Standing,
	after: Standing | undefined,
	{ affected, gone }: { affected: boolean; gone: boolean },
	policy: Policy,
	newVersion: string,
	newer: StoredPlan
): boolean {
	if (!after) return false;
	const stopped = after.status === 'stopped' && after.reason === 'follow_up_edited';
	if (!affected || policy === 'keep') return isDeepStrictEqual(before, after);
	if (policy === 'stop' || gone) return stopped;
	// Moved to where nothing follows any more, it is over.
	const isLast = before.current !== null && !newer.nodes[before.current]?.branches?.length;
	const over = after.reason === (isLast ? 'completed' : 'no_branch_left');
	return after.version === newVersion && (after.status === before.status || over);
}
