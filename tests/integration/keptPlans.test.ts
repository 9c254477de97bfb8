import { sql, type SQL } from 'drizzle-orm';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { createSendingMarks } from '../../src/lib/server/channels/markSending.ts';
import { createSettlements } from '../../src/lib/server/channels/settleMessages.ts';
import { createDb, type Db } from '../../src/lib/server/db/client.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { claimDue, newLane } from '../../src/lib/server/engine/claimDue.ts';
import { checkUnenrollment } from '../../src/lib/server/engine/checkUnenrollment.ts';
import { makeChannelWorld, queue, type ChannelWorld } from '../support/channelWorld.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';

const RUNS = 12_000;

/** As many runs with a queued message as a campaign has, at once. */
async function enrollMany(db: TestDatabase, world: ChannelWorld): Promise<void> {
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`set local session_replication_role = replica`);
		await tx.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data)
			select ${world.orgId}::uuid, app.new_id(), ${world.moduleId}::uuid, 'Lead ' || i, ${world.actor.userId}::uuid, '{}'
			from generate_series(1, ${RUNS}::int) i`);
		await tx.execute(sql`
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, race, done, current_action_id, follow_up)
			select org_id, app.new_id(), ${world.cadenceId}::uuid, id, ${world.versionId}::uuid, 'manual', ${JSON.stringify(
				{
					actionId: 'first',
					openedAt: null,
					skipped: false,
					responses: {},
					timed: {}
				}
			)}::jsonb, '["first"]', 'first', 1 from records where org_id = ${world.orgId}::uuid and data = '{}'`);
		await tx.execute(sql`
			insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id, template_id,
				sender_id, to_address)
			select org_id, app.new_id(), 'email', app.new_id(), id, 1, 'first', cadence_id, record_id, ${world.templateId}::uuid,
				${world.senderId}::uuid, 'p@x.example' from enrollments where cadence_id = ${world.cadenceId}::uuid`);
	});
}

/** What a busy machine may add to any of these; on the wrong plan each takes seconds more. */
const slack = 0.75;

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
	const begun = performance.now();
	await work();
	return (performance.now() - begun) / 1000;
};

/** What PostgreSQL has counted, also of what this worker has just done. */
async function counted(db: TestDatabase, worker: Db, query: SQL): Promise<number> {
	await worker.execute(sql`select pg_stat_force_next_flush()`);
	const [row] = await db.admin.execute<{ n: number }>(query);
	return row!.n;
}

test('GRA-7, EXE-2: plans from when the tables were small, or from before a bulk change, cost a large queue nothing', async ({
	db
}) => {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	for (const table of ['records', 'enrollments', 'messages', 'responses'])
		await db.admin.execute(sql.raw(`alter table ${table} set (autovacuum_enabled = false)`));
	// One connection, so that what it plans it keeps.
	const worker = createDb(db.urls.worker, { name: 'test-plans', max: 1 });
	const respond = (limit: number) =>
		db.admin.execute(sql`
			insert into responses (org_id, enrollment_id, run_no, action_id, kind)
			select org_id, id, 1, 'first', 'opened' from enrollments order by id desc limit ${limit}`);
	try {
		await queue(
			db,
			world,
			'first',
			Array.from({ length: 10 }, (_, i) => ({ to: `few${i}@x.example` }))
		);
		for (let i = 0; i < 10; i++) {
			expect((await claimMessages(worker, 'email', 1)).messages).toHaveLength(1);
			await respond(1);
			expect(await applyResponses(worker)).toBe(1);
		}
		await enrollMany(db, world);
		await respond(5000);
		const claim = () => secondsOf(() => claimMessages(worker, 'email', 400));
		const apply = () => secondsOf(() => applyResponses(worker, 500));
		const kept = { claim: await claim(), apply: await apply() };
		await db.admin.execute(sql`analyze`);
		expect(kept.claim).toBeLessThan(slack + 6 * (await claim()));
		expect(kept.apply).toBeLessThan(slack + 6 * (await apply()));

		// Statistics that say: hardly a run is live.
		const some = await db.admin.execute<{ orgId: string; enrollmentId: string }>(
			sql`select org_id as "orgId", id as "enrollmentId" from enrollments order by id limit 2000`
		);
		const check = () => secondsOf(() => worker.transaction((tx) => checkUnenrollment(tx, [...some])));
		const fresh = await check();
		await db.admin.execute(sql`update enrollments set status = 'completed'`);
		await db.admin.execute(sql`analyze enrollments`);
		await db.admin.execute(sql`update enrollments set status = 'active'`);
		expect(await check()).toBeLessThan(slack + 6 * fresh);
	} finally {
		await worker.$client.end({ timeout: 5 });
	}
});

test('EXE-10: marks and outcomes of hand-overs find their messages by key, however many there are', async ({
	db
}) => {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	await db.admin.execute(sql`truncate messages`);
	await enrollMany(db, world);
	const worker = createDb(db.urls.worker, { name: 'test-plans', max: 1 });
	const scans = () =>
		counted(db, worker, sql`select seq_scan::int as n from pg_stat_user_tables where relname = 'messages'`);
	try {
		const { messages } = await claimMessages(worker, 'email', 20);
		expect(messages).toHaveLength(20);
		const marks = createSendingMarks(worker);
		const outcomes = createSettlements(worker, { soon: () => undefined });
		const before = await scans();
		for (const message of messages) {
			const text = { subject: 'Hi', html: 'Hi', links: [], templateVersion: 1, inReplyTo: null };
			expect(await marks.add({ message, ...text })).toBe(true);
			await outcomes.add({ message, from: 'sending', kind: 'sent', providerId: null });
		}
		expect(await scans()).toBe(before);
		const [row] = await db.admin.execute(
			sql`select count(*)::int as n from messages where status = 'sent' and sent_at is not null`
		);
		expect(row).toEqual({ n: 20 });
	} finally {
		await worker.$client.end({ timeout: 5 });
	}
});

test('GRA-7, EXE-2: passes take what is due along the index, though statistics say that hardly anything is', async ({
	db
}) => {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	await db.admin.execute(sql`truncate messages`);
	for (const table of ['enrollments', 'messages', 'responses'])
		await db.admin.execute(sql.raw(`alter table ${table} set (autovacuum_enabled = false)`));
	await enrollMany(db, world);
	await db.admin.execute(sql`update messages set not_before = app.now() + interval '1 day'`);
	await db.admin.execute(sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind, quarantined_at)
		select org_id, id, 1, 'first', 'opened', app.now() from enrollments where org_id = ${world.orgId}::uuid`);
	await db.admin.execute(sql`analyze`);
	await db.admin.execute(sql`update messages set not_before = app.now() - interval '1 minute'`);
	await db.admin.execute(sql`
		update enrollments set due_at = app.now() - interval '1 minute' where org_id = ${world.orgId}::uuid`);
	const worker = createDb(db.urls.worker, { name: 'test-plans', max: 1 });
	const entriesRead = (index: string) =>
		counted(
			db,
			worker,
			sql`select idx_tup_read::int as n from pg_stat_user_indexes where indexrelname = ${index}`
		);
	try {
		const due = await entriesRead('enrollments_due_idx');
		const { rows } = await worker.transaction((tx) => claimDue(tx, newLane(100)));
		expect(rows).toHaveLength(100);
		expect((await entriesRead('enrollments_due_idx')) - due).toBeLessThan(2000);
		const queued = await entriesRead('messages_queue_idx');
		expect((await claimMessages(worker, 'email', 100)).messages).toHaveLength(100);
		expect((await entriesRead('messages_queue_idx')) - queued).toBeLessThan(2000);
		await db.admin.execute(sql`update responses set quarantined_at = null`);
		const open = await entriesRead('responses_open_idx');
		expect(await applyResponses(worker, 100)).toBe(100);
		expect((await entriesRead('responses_open_idx')) - open).toBeLessThan(2000);
	} finally {
		await worker.$client.end({ timeout: 5 });
	}
});
