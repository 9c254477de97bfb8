import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { makeCadence, makeLeads, makeWorld, planOf, task, type World } from '../../support/engineWorld.ts';

export type Waits = { world: World; listenersEnded: number; ms: number[] };

const GIVE_UP_MS = 30_000;

/** The connections on which the queue waits for NOTIFY. */
const endListeners = async (db: TestDatabase): Promise<number> => {
	const rows = await db.admin.execute(sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and application_name = 'cadenza-queue' and query ilike 'listen %'`);
	return rows.length;
};

/**
 * E5: work arrives while nobody listens: the listener's backend was ended just before. With `loseJob` not even the
 * wake-up itself is there, and only the due row says so. Measures how long each record waits for its first action.
 */
export async function missWakeUps(
	db: TestDatabase,
	{ trials, random, loseJob = false }: { trials: number; random: Random; loseJob?: boolean }
): Promise<Waits> {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf([task('a')]));
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: trials }, () => ({}))
	);
	const waits: Waits = { world, listenersEnded: 0, ms: [] };
	for (const id of ids) {
		// Long enough for the loops to have gone to sleep, and for a new listener to be there.
		await sleep(random.int(300, 1_500));
		if (!loseJob) waits.listenersEnded += await endListeners(db);
		await sleep(random.int(0, 20));
		if (loseJob) await dueWithoutWakeUp(db, world, cadenceId, id);
		else
			await withOrg(db.web, world.orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids: [id] } })
			);
		waits.ms.push(await waitForAction(db, world.orgId, id));
	}
	return waits;
}

/** As if the wake-up had been lost: the row is due, and nobody was told. */
async function dueWithoutWakeUp(
	db: TestDatabase,
	{ orgId }: World,
	cadenceId: string,
	recordId: string
): Promise<void> {
	await db.admin.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, next_branch_id, next_action_id, due_at)
		select c.org_id, app.new_id(), c.id, ${recordId}, c.active_version_id, 'manual', 'start/entry', 'a', app.now()
		from cadences c where c.org_id = ${orgId} and c.id = ${cadenceId}`);
}

async function waitForAction(db: TestDatabase, orgId: string, recordId: string): Promise<number> {
	for (const startedAt = Date.now(); ; await sleep(10)) {
		const [row] = await db.admin.execute(sql`
			select 1 as there from activities where org_id = ${orgId} and record_id = ${recordId}`);
		const ms = Date.now() - startedAt;
		if (row || ms > GIVE_UP_MS) return ms;
	}
}
