import { sql } from 'drizzle-orm';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { Executor } from '../db/client.ts';

const holder = globalThis as { [key: symbol]: Map<string, Plan> | undefined };
const key = Symbol.for('cadenza.channels.plans');
const CAP = 200;

/** Plans by version id; immutable, so the process keeps the last ones it used. */
export async function loadPlans(
	db: Executor,
	versions: readonly { orgId: string; versionId: string }[]
): Promise<Map<string, Plan>> {
	const cache = (holder[key] ??= new Map());
	// Apart from the cache: one call may ask for more than that keeps.
	const plans = new Map<string, Plan>();
	const missing = new Map<string, { orgId: string; versionId: string }>();
	for (const version of versions) {
		const plan = cache.get(version.versionId);
		if (plan) plans.set(version.versionId, plan);
		else missing.set(version.versionId, version);
	}
	if (!missing.size) return plans;
	const rows = await db.execute<{ id: string; plan: Plan }>(sql`
		select v.id, v.plan from cadence_versions v
		join jsonb_to_recordset(${JSON.stringify([...missing.values()])}::jsonb) as r("orgId" uuid, "versionId" uuid)
			on v.org_id = r."orgId" and v.id = r."versionId"`);
	for (const row of rows) {
		plans.set(row.id, row.plan);
		cache.set(row.id, row.plan);
	}
	for (const oldest of cache.keys()) {
		if (cache.size <= CAP) break;
		cache.delete(oldest);
	}
	return plans;
}
