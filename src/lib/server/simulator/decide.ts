import { sql, type SQL } from 'drizzle-orm';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { Choices } from '#lib/domain/enrollment/runEvent.ts';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { Plan, PlanCondition } from '#lib/domain/plan/plan.ts';
import { compileCriteria } from '../criteria/compileCriteria.ts';
import type { OrgTx } from '../db/client.ts';
import { choiceOf } from '../engine/decideConditions.ts';

export type Decided = { choices: Choices; leave: EndReason | null; inView: boolean | null };

type World = {
	tx: OrgTx;
	orgId: string;
	plan: Plan;
	module: ModuleDefinition;
	orgTimeZone: string;
	/** The simulated instant, ISO. */
	at: string;
};

export const conditionsOf = ({ nodes }: Plan): PlanCondition[] =>
	Object.values(nodes).filter((node) => node.kind === 'condition');

/**
 * GRA-10, UNE-1 (a)-(c): what every condition of the plan decides for the record and whether the record would have to
 * leave, in one statement with the criteria as the engine compiles them, on the day of the simulated instant.
 */
export async function decide(world: World, source: SQL): Promise<Decided> {
	const { tx, plan, module } = world;
	const context = { orgTimeZone: world.orgTimeZone, at: world.at };
	const conditions = conditionsOf(plan);
	const choices = conditions.map((condition) => choiceOf(condition, module, context));
	const view = await readView(world);
	const inView = view && compileCriteria(view, module, context);
	const [row] = await tx.execute<{ choices: string[]; leave: EndReason | null; in_view: boolean | null }>(sql`
		select to_jsonb(array[${sql.join(choices, sql`, `)}]::text[]) as choices,
			${leaveReason(world, inView)} as leave, ${inView ?? sql`null::boolean`} as in_view
		from ${source} r`);
	return {
		choices: Object.fromEntries(conditions.map(({ id }, index) => [id, row?.choices[index] ?? 'else'])),
		leave: row?.leave ?? null,
		inView: row?.in_view ?? null
	};
}

/** The draft's view; null for manual enrollment and for one that is gone or cannot be evaluated. */
async function readView({ tx, orgId, plan, module }: World): Promise<Criteria | null> {
	const { viewId } = plan.settings;
	if (viewId === null) return null;
	const [view] = await tx.execute<{ criteria: Criteria }>(sql`
		select criteria from views where org_id = ${orgId} and id = ${viewId} and module_id = ${module.id}`);
	return view && !checkCriteria(view.criteria, module, { audience: true }).length ? view.criteria : null;
}

function leaveReason({ plan, module, orgTimeZone, at }: World, inView: SQL | null): SQL {
	const { onDate, criteria, leavesView } = plan.settings.unenroll;
	const parts = [sql`when r.converted_at is not null then 'converted'`];
	if (onDate !== null)
		parts.push(sql`when app.local_day(${at}::timestamptz, ${orgTimeZone}) >= ${onDate}::date then 'date'`);
	if (criteria)
		parts.push(sql`when ${compileCriteria(criteria, module, { orgTimeZone, at })} then 'criteria'`);
	if (leavesView && inView) parts.push(sql`when not ${inView} then 'left_view'`);
	return sql`(case ${sql.join(parts, sql` `)} end)`;
}
