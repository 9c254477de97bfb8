import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { PublishInput } from '../../src/lib/domain/cadence/publish.ts';
import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { cadenceVersions } from '../../src/lib/server/db/schema/cadences.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { onPublish, type PublishEffect } from '../../src/lib/server/enrollments/onPublish.ts';
import type { TestDatabase } from './db.ts';
import { makeCadence, makeLeads, runEngine, type World } from './engineWorld.ts';

export const as = <T>(db: TestDatabase, actor: Actor, work: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, actor.orgId, work);

type Lead = NonNullable<Parameters<typeof makeLeads>[2]>[number];

/** A cadence with these leads enrolled, after everything that is due at once. */
export async function enrolled(db: TestDatabase, world: World, plan: Plan, leads: Lead[] = [{}]) {
	const made = await makeCadence(db, world, plan);
	const ids = await makeLeads(db, world, leads);
	for (let at = 0; at < ids.length; at += 1000)
		await as(db, world.actor, (tx) =>
			enrollRecords(tx, world.actor, {
				cadenceId: made.cadenceId,
				records: { ids: ids.slice(at, at + 1000) }
			})
		);
	await runEngine(db);
	return { ...made, leads: ids };
}

/** Makes `plan` the next version, as publishing does, and decides over live runs (VER-4). */
export async function publishPlan(
	db: TestDatabase,
	world: World,
	cadenceId: string,
	plan: Plan,
	answers: Pick<PublishInput, 'decisions' | 'moveWaiting'> = {}
): Promise<PublishEffect & { versionId: string }> {
	const versionId = newId();
	const [last] = await db.admin.execute<{ n: number }>(
		sql`select max(n) as n from cadence_versions where cadence_id = ${cadenceId}`
	);
	await db.admin.insert(cadenceVersions).values({
		orgId: world.orgId,
		id: versionId,
		cadenceId,
		n: last!.n + 1,
		plan,
		planSha256: versionId,
		graph: emptyDraft(),
		docGeneration: 1,
		docSeq: 0,
		publishedBy: world.actor.userId
	});
	const effect = await as(db, world.actor, async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${cadenceId}))`);
		await tx.execute(sql`update cadences set active_version_id = ${versionId} where id = ${cadenceId}`);
		return onPublish(tx, world.actor, {
			cadenceId,
			versionId,
			plan,
			decisions: answers.decisions ?? {},
			moveWaiting: answers.moveWaiting ?? false
		});
	});
	return { ...effect, versionId };
}

/** The messages of a cadence's runs, in order. */
export const messagesOf = async (db: TestDatabase, cadenceId: string) => [
	...(await db.admin.execute<{
		status: string;
		to_address: string;
		template_id: string | null;
		settings: Record<string, unknown>;
		run_status: string;
	}>(sql`
		select m.status, m.to_address, m.template_id, m.settings, a.status as run_status from messages m
		join action_runs a on a.org_id = m.org_id and a.id = m.action_run_id
		where m.cadence_id = ${cadenceId} order by m.enrollment_id, m.id`))
];
