import { sql, type SQL } from 'drizzle-orm';
import { getNode } from '#lib/domain/enrollment/branches.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { nameOf } from '#lib/domain/enrollment/explain.ts';
import type { Plan, PlanCondition } from '#lib/domain/plan/plan.ts';
import type { CriteriaContext } from '../criteria/compileCondition.ts';
import { compileCriteria } from '../criteria/compileCriteria.ts';
import type { OrgTx } from '../db/client.ts';
import type { Ending } from '../enrollments/endRuns.ts';
import { getModule } from '../modules/getModule.ts';
import { targetOf, type DueRun } from './dueRow.ts';
import { reasonOf, RowFault, type Poison } from './poison.ts';

/** A condition as one expression over the alias `r`: the id of the case that matches, or `else`. */
const compiled = new Map<string, SQL>();
const cap = 1000;

/**
 * GRA-10: decides the conditions that the due branches of these runs lead to, and those behind them, on fresh data: one
 * statement per organization, which evaluates for each record only the conditions it can reach. Sets `choices` and
 * `target` of the runs. Called after un-enrollment in the transaction of the pass.
 * @returns the runs that cannot go on, because a criterion names a field that is gone
 */
export async function decideConditions(
	tx: OrgTx,
	runs: readonly Undecided[],
	poison: Poison[]
): Promise<Map<DueRun, Ending>> {
	const endings = new Map<DueRun, Ending>();
	for (const [orgId, own] of Map.groupBy(runs, ({ run }) => run.row.org_id)) {
		await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
		const expressions: SQL[] = [];
		const indexOf = new Map<string, number>();
		const keys: { i: number; c: number; r: string }[] = [];
		for (const [i, { run, first }] of own.entries()) {
			try {
				for (const condition of reachableFrom(run.plan, first)) {
					const key = keyOf(run, condition);
					let index = indexOf.get(key);
					if (index === undefined) {
						index = expressions.push(await compile(tx, key, condition, run)) - 1;
						indexOf.set(key, index);
					}
					keys.push({ i, c: index, r: run.row.record_id });
				}
			} catch (error) {
				if (!isDomainError(error)) throw new RowFault(reasonOf(error));
				endings.set(run, goneEnding(run, first, error.message));
			}
		}
		const choices = await evaluate(tx, orgId, expressions, keys);
		for (const [i, { run, first }] of own.entries()) {
			if (endings.has(run)) continue;
			try {
				run.choices = Object.fromEntries(
					reachableFrom(run.plan, first).map((condition) => [
						condition.id,
						choices.get(`${i}/${indexOf.get(keyOf(run, condition))}`) ?? 'else'
					])
				);
				run.target = targetOf(run.run, run.plan, run.choices);
			} catch (error) {
				poison.push({ row: run.row, reason: reasonOf(error) });
			}
		}
	}
	return endings;
}

export type Undecided = { run: DueRun; first: PlanCondition };

const keyOf = ({ row, cadence }: DueRun, condition: PlanCondition) =>
	`${row.version_id}/${condition.id}/${cadence.orgTimeZone}`;

/** Every condition that a run may pass through without an action in between. Plans have no cycles. */
function reachableFrom(plan: Plan, first: PlanCondition): PlanCondition[] {
	const found = new Map<string, PlanCondition>();
	const look = (condition: PlanCondition) => {
		if (found.has(condition.id)) return;
		found.set(condition.id, condition);
		for (const { target } of [...condition.cases, condition.otherwise]) {
			const next = target === null ? null : getNode(plan, target);
			if (next?.kind === 'condition') look(next);
		}
	};
	look(first);
	return [...found.values()];
}

/** A condition as one expression over `r`: the id of the first case that matches, else `else`. @throws invalid */
export function choiceOf(condition: PlanCondition, module: ModuleDefinition, context: CriteriaContext): SQL {
	const cases = condition.cases.map(
		(one) => sql`when ${compileCriteria(one.criteria, module, context)} then ${one.id}::text`
	);
	return cases.length ? sql`(case ${sql.join(cases, sql` `)} else 'else' end)` : sql`'else'::text`;
}

async function compile(tx: OrgTx, key: string, condition: PlanCondition, run: DueRun): Promise<SQL> {
	const known = compiled.get(key);
	if (known) return known;
	const module = await getModule(tx, run.cadence.moduleId);
	const context = { orgTimeZone: run.cadence.orgTimeZone };
	const made = choiceOf(condition, module, context);
	if (compiled.size >= cap) compiled.clear();
	compiled.set(key, made);
	return made;
}

async function evaluate(
	tx: OrgTx,
	orgId: string,
	expressions: readonly SQL[],
	keys: readonly { i: number; c: number; r: string }[]
): Promise<Map<string, string>> {
	if (!keys.length) return new Map();
	const whens = expressions.map((one, i) => sql`when ${sql.raw(String(i))} then ${one}`);
	const rows = await tx.execute<{ i: number; c: number; choice: string }>(sql`
		select k.i, k.c, (case k.c ${sql.join(whens, sql` `)} end) as choice
		from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(i int, c int, r uuid)
		join records r on r.org_id = ${orgId}::uuid and r.id = k.r`);
	return new Map(rows.map((row) => [`${row.i}/${row.c}`, row.choice]));
}

const goneEnding = (run: DueRun, condition: PlanCondition, message: string): Ending => ({
	orgId: run.row.org_id,
	enrollmentId: run.row.id,
	reason: 'field_gone',
	detail: `${nameOf(condition)}: ${message} Correct the condition and publish, then restart.`,
	actionId: condition.id
});
