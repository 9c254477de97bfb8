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
	const missing = new Map(
		versions.filter(({ versionId }) => !cache.has(versionId)).map((version) => [version.versionId, version])
	);
	if (missing.size) {
		const rows = await db.execute<{ id: string; plan: Plan }>(sql`
			select v.id, v.plan from cadence_versions v
			join jsonb_to_recordset(${JSON.stringify([...missing.values()])}::jsonb) as r("orgId" uuid, "versionId" uuid)
				on v.org_id = r."orgId" and v.id = r."versionId"`);
		for (const row of rows) cache.set(row.id, row.plan);
		for (const oldest of cache.keys()) {
			if (cache.size <= CAP) break;
			cache.delete(oldest);
		}
	}
	const plans = new Map<string, Plan>();
	for (const { versionId } of versions) {
		const plan = cache.get(versionId);
		if (plan) plans.set(versionId, plan);
	}
	return plans;
}
