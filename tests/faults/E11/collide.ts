import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { recordResponses } from '../../../src/lib/server/engine/recordResponses.ts';
import { inlineLimit } from '../../../src/lib/server/enrollments/enrollInput.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	branch,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	minutes,
	planOf,
	runEngine,
	task,
	type World
} from '../../support/engineWorld.ts';

export type Collision = { orgId: string; cadenceIds: string[] };

/**
 * UNE-5: leaves records for whom, in the same instant, a mail is due and un-enrollment is true. A third has a delay that
 * runs out, a third a response that triggers, a third a mail in the outbox. Nothing has looked at any of them yet.
 */
export async function makeCollision(db: TestDatabase, records: number): Promise<Collision> {
	const world = await makeWorld(db);
	const { orgId, templateId, senderId } = world;
	await db.admin.execute(sql`update organizations set emails_per_day = ${records * 2} where id = ${orgId}`);
	const settings = {
		unenroll: {
			leavesView: false,
			onDate: null,
			criteria: { field: 'rating', op: 'is' as const, value: 'Cold' },
			outcomes: []
		}
	};
	const mail = (id: string) => email(id, [], { templateId, sender: { kind: 'sender', senderId } });
	const waiting = planOf(
		[
			task('look', [
				branch('look', { response: 'created' }, 'timed', minutes(30)),
				branch('look', { response: 'status', parameter: 'Completed' }, 'triggered')
			]),
			mail('timed'),
			mail('triggered')
		],
		settings
	);
	const direct = planOf([mail('now')], settings);
	const third = Math.ceil(records / 3);
	const timed = await enroll(db, world, waiting, third);
	const triggered = await enroll(db, world, waiting, third);
	await runEngine(db);
	const queued = await enroll(db, world, direct, records - 2 * third);
	await runEngine(db);
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`update records set data = data || '{"rating": "Cold"}' where org_id = ${orgId}`);
		const runs = await tx.execute<{ id: string }>(
			sql`select id from enrollments where cadence_id = ${triggered} and current_action_id = 'look'`
		);
		if (runs.length !== third) throw new Error(`${runs.length} of ${third} runs wait for their response.`);
		await recordResponses(
			tx,
			runs.map(({ id }) => ({
				orgId,
				enrollmentId: id,
				runNo: 1,
				actionId: 'look',
				kind: 'status' as const,
				parameter: 'Completed'
			}))
		);
		await tx.execute(sql`update app.clock set shift = shift + interval '31 minutes'`);
	});
	return { orgId, cadenceIds: [timed, triggered, queued] };
}

async function enroll(
	db: TestDatabase,
	world: World,
	plan: ReturnType<typeof planOf>,
	n: number
): Promise<string> {
	const { cadenceId } = await makeCadence(db, world, plan);
	const people = Array.from({ length: n }, (_, i) => ({
		data: { email: `${cadenceId.slice(-6)}-${i}@people.example` }
	}));
	const ids = await makeLeads(db, world, people);
	for (let at = 0; at < n; at += inlineLimit)
		await withOrg(db.web, world.orgId, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids: ids.slice(at, at + inlineLimit) } })
		);
	return cadenceId;
}

export type CollisionEnd = {
	unenrolled: number;
	live: number;
	otherEnds: number;
	handedOver: number;
	withdrawn: number;
	actionsAfter: number;
};

/** From the tables alone. */
export async function readCollision(db: TestDatabase, { orgId }: Collision): Promise<CollisionEnd> {
	const [row] = await db.admin.execute<CollisionEnd>(sql`
		select count(*) filter (where status = 'stopped' and end_reason = 'criteria')::int as unenrolled,
			count(*) filter (where status in ('active', 'paused'))::int as live,
			count(*) filter (where status not in ('active', 'paused') and end_reason <> 'criteria')::int as "otherEnds",
			(select count(*) from messages where org_id = ${orgId} and status in ('sent', 'unknown', 'sending'))::int as "handedOver",
			(select count(*) from messages where org_id = ${orgId} and status = 'cancelled')::int as withdrawn,
			(select count(*) from action_runs where org_id = ${orgId} and action_id in ('timed', 'triggered'))::int as "actionsAfter"
		from enrollments where org_id = ${orgId}`);
	return row!;
}
