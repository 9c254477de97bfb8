import { sql, type SQL } from 'drizzle-orm';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { compileCriteria, compileWhere } from '../criteria/compileCriteria.ts';
import type { SharedValues } from '../criteria/sharedValues.ts';
import type { OrgTx } from '../db/client.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { getModule } from '../modules/getModule.ts';
import { unenrollRules, type CadenceContext } from './cadenceContext.ts';

/** A cadence's criteria as SQL over the alias `r` of records. */
export type CadenceConditions = {
	/** Is in the custom view; null for manual enrollment. */
	inView: SQL | null;
	/** The same for a `where` clause, so that an index may serve it. */
	inViewWhere: SQL | null;
	/** UNE-1 (c); null without criteria. */
	unenroll: SQL | null;
	/** View and criteria for a statement over many cadences, which gives `values` by `readOnce`. */
	together: { inView: SQL | null; unenroll: SQL | null; values: SharedValues };
};

const cache = new Map<string, CadenceConditions>();
const cap = 1000;

/**
 * Compiled once per version and view revision. Criteria are read under their organization (RELIABILITY.md 4), so this
 * sets `app.org` for the rest of the transaction when it has to read the module.
 * @throws invalid when a criterion names a field that is gone
 */
export async function conditionsOf(tx: OrgTx, cadence: CadenceContext): Promise<CadenceConditions> {
	const key = `${cadence.id}/${cadence.activeVersionId}/${cadence.viewId}/${cadence.viewRevision}/${cadence.orgTimeZone}`;
	const known = cache.get(key);
	if (known) return known;
	const view = cadence.viewCriteria;
	const criteria = unenrollRules(cadence)?.criteria ?? null;
	const values: SharedValues = new Map();
	let made: CadenceConditions = {
		...{ inView: null, inViewWhere: null, unenroll: null },
		together: { inView: null, unenroll: null, values }
	};
	if (view || criteria) {
		const module = await moduleOf(tx, cadence);
		const context = { orgTimeZone: cadence.orgTimeZone };
		const both = (more: { shared?: SharedValues }) => {
			const compile = (one: Criteria | null) => one && compileCriteria(one, module, { ...context, ...more });
			return { inView: compile(view), unenroll: compile(criteria) };
		};
		made = {
			...both({}),
			inViewWhere: view && compileWhere(view, module, context),
			together: { ...both({ shared: values }), values }
		};
	}
	if (cache.size >= cap) cache.clear();
	cache.set(key, made);
	return made;
}

/** Without those whose criteria cannot be read (a field is gone): they keep no other cadence from being looked at. */
export async function readableOf(tx: OrgTx, cadences: readonly CadenceContext[]): Promise<CadenceContext[]> {
	const kept: CadenceContext[] = [];
	for (const cadence of cadences)
		try {
			await conditionsOf(tx, cadence);
			kept.push(cadence);
		} catch (error) {
			if (!isDomainError(error)) throw error;
		}
	return kept;
}

const modules = new WeakMap<OrgTx, Map<string, ModuleDefinition>>();

/** Read once a transaction: after a start all cadences of a module are compiled, each by two statements otherwise. */
async function moduleOf(tx: OrgTx, { orgId, moduleId }: CadenceContext): Promise<ModuleDefinition> {
	let known = modules.get(tx);
	if (!known) modules.set(tx, (known = new Map()));
	let module = known.get(moduleId);
	if (!module) {
		await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
		known.set(moduleId, (module = await getModule(tx, moduleId)));
	}
	return module;
}

/** UNE-1 (b): from the start of that day in the org's zone. */
export function isPastUnenrollDate(cadence: CadenceContext): boolean {
	const date = unenrollRules(cadence)?.onDate ?? null;
	return date !== null && date <= cadence.today;
}

/**
 * UNE-1 (a)-(c), UNE-7: why a record must leave the cadence now, as an EndReason; null when it stays. One expression, so
 * that a set of runs of many cadences is checked by one statement on fresh data.
 */
export async function leaveReason(tx: OrgTx, cadence: CadenceContext): Promise<SQL> {
	const { inView, unenroll } = await conditionsOf(tx, cadence);
	const rules = unenrollRules(cadence);
	const parts: SQL[] = [
		sql`when r.merged_into_id is not null then 'merged'`,
		sql`when r.deleted_at is not null then 'record_deleted'`,
		sql`when r.converted_at is not null then 'converted'`
	];
	if (isPastUnenrollDate(cadence)) parts.push(sql`when true then 'date'`);
	if (unenroll) parts.push(sql`when ${unenroll} then 'criteria'`);
	if (rules?.leavesView && inView) parts.push(sql`when not ${inView} then 'left_view'`);
	return sql`(case ${sql.join(parts, sql` `)} end)`;
}

/** The same for many cadences at once: `cadence` is a column with the index in the list. */
export async function leaveReasonOf(
	tx: OrgTx,
	cadences: readonly CadenceContext[],
	index: SQL
): Promise<SQL> {
	const cases: SQL[] = [];
	for (const [i, cadence] of cadences.entries())
		cases.push(sql`when ${sql.raw(String(i))} then ${await leaveReason(tx, cadence)}`);
	return sql`(case ${index} ${sql.join(cases, sql` `)} end)`;
}
