import { sql, type SQL } from 'drizzle-orm';
import type { DraftSettings } from '#lib/domain/cadence/draft.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import { compileCriteria } from '../criteria/compileCriteria.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';

export type AudienceCount = {
	/** Records in the view now; null for manual enrollment. */
	matching: number | null;
	/** Of those, the ones that no un-enrollment rule would turn away at once (ENR-3). */
	staying: number | null;
	/** Of those, the ones that were never in the cadence (ENR-4): whom publishing could enroll. Null when not asked for. */
	joining: number | null;
	/** VER-3: live runs that the un-enrollment rules would end. */
	leaving: number;
};

type Place = { orgId: string; cadenceId: string; moduleId: string };

/**
 * GRA-9, VER-3, VER-5: what the settings of a draft would mean for the records there are. Evaluated without record
 * visibility, as the engine does; only counts leave.
 * @returns null when it took longer than `timeoutMs`, or when view or criteria cannot be evaluated
 */
export async function countAudience(
	tx: OrgTx,
	place: Place,
	settings: DraftSettings,
	{ timeoutMs = 2_000, joining = false }: { timeoutMs?: number; joining?: boolean } = {}
): Promise<AudienceCount | null> {
	const conditions = await compileConditions(tx, place, settings);
	if (!conditions) return null;
	const { inView, leaves } = conditions;
	const before = sql`
		left join enrollments e on e.org_id = r.org_id and e.record_id = r.id and e.cadence_id = ${place.cadenceId}`;
	const viewLeaves = settings.unenroll.leavesView && inView ? sql`(${leaves} or not ${inView})` : leaves;
	try {
		// A savepoint: a cancelled statement must not cost the caller's transaction.
		return await tx.transaction(async (inner) => {
			await inner.execute(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`);
			const [view] = inView
				? await inner.execute<{ matching: number; staying: number; joining: number | null }>(sql`
						select count(*)::int as matching, (count(*) filter (where not ${leaves}))::int as staying,
							${joining ? sql`(count(*) filter (where not ${leaves} and e.id is null))::int` : sql`null`} as joining
						from records r ${joining ? before : sql``} where r.org_id = ${place.orgId} and r.module_id = ${place.moduleId}
							and r.deleted_at is null and ${inView}`)
				: [];
			const [live] = await inner.execute<{ leaving: number }>(sql`
				select count(*)::int as leaving from enrollments e
				join records r on r.org_id = e.org_id and r.id = e.record_id
				where e.org_id = ${place.orgId} and e.cadence_id = ${place.cadenceId}
					and e.status in ('active', 'paused') and ${viewLeaves}`);
			await inner.execute(sql`select set_config('statement_timeout', '60000', true)`);
			return {
				matching: view?.matching ?? null,
				staying: view?.staying ?? null,
				joining: view?.joining ?? null,
				leaving: live?.leaving ?? 0
			};
		});
	} catch (error) {
		if ((error as { cause?: { code?: string } }).cause?.code === '57014') return null;
		throw error;
	}
}

/** UNE-1 (a), (b), (c) as SQL over `r`; null when a part is broken (the validation says which). */
async function compileConditions(
	tx: OrgTx,
	{ orgId, moduleId }: Place,
	settings: DraftSettings
): Promise<{ inView: SQL | null; leaves: SQL } | null> {
	const module = await getModule(tx, moduleId);
	const context = { orgTimeZone: await getOrgTimeZone(tx) };
	const usable = (criteria: Criteria) => !checkCriteria(criteria, module, { audience: true }).length;
	let inView: SQL | null = null;
	if (settings.viewId !== null) {
		const [view] = await tx.execute<{ criteria: Criteria }>(sql`
			select criteria from views where org_id = ${orgId} and id = ${settings.viewId} and module_id = ${moduleId}`);
		if (!view || !usable(view.criteria)) return null;
		inView = compileCriteria(view.criteria, module, context);
	}
	const { criteria, onDate } = settings.unenroll;
	if (criteria !== null && !usable(criteria)) return null;
	const past =
		onDate === null ? sql`false` : sql`app.local_day(app.now(), ${context.orgTimeZone}) >= ${onDate}::date`;
	const matches = criteria === null ? sql`false` : compileCriteria(criteria, module, context);
	return { inView, leaves: sql`(${past} or ${matches})` };
}
