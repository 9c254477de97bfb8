import { sql } from 'drizzle-orm';
import { newId } from '../../src/lib/server/db/id.ts';
import { judge } from '../faults/judge.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { expect, test } from '../support/db.ts';
import { email, makeWorld, planOf } from '../support/engineWorld.ts';
import type { SinkEntry } from '../support/sinkLog.ts';

test('E1 judge: tells delivered, lost, repeated, doubtful and stuck mails apart, from the log and the tables', async ({
	db
}) => {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const names = ['fine', 'forgotten', 'twice', 'doubtful', 'waiting', 'unexplained'];
	const rows = await queue(
		db,
		world,
		'first',
		names.map((name) => ({ to: `${name}@people.example` }))
	);
	const status = ['sent', 'sent', 'sent', 'unknown', 'queued', 'unknown'];
	for (const [i, { messageId }] of rows.entries())
		await db.admin.execute(sql`
			update messages set status = ${status[i]!}, rfc_message_id = ${`<${names[i]!}@x>`}, sent_at = to_timestamp(1000)
			where id = ${messageId}`);
	const mail = (name: string, line: number): SinkEntry => ({
		event: 'mail',
		beganAt: 1_000_000,
		at: 1_000_000,
		line,
		from: '',
		to: [`${name}@people.example`],
		messageId: `<${name}@x>`
	});
	const log: SinkEntry[] = [
		...[mail('fine', 1), mail('twice', 1), mail('twice', 2), mail('doubtful', 3), mail('stranger', 4)],
		{ event: 'kill', at: 1_000_500, pid: 1 },
		{ event: 'cut', at: 1_000_500, line: 3, state: 'answered', messageId: '<doubtful@x>', sinceMs: 5 }
	];
	const verdict = await judge(db.admin.$client, world.orgId, log);
	expect(verdict).toMatchObject({
		mails: 6,
		kills: 1,
		delivered: 2,
		lost: 2,
		duplicated: 1,
		doubtful: 2,
		doubtfulAtSink: 1,
		inFlightAtKills: 1,
		unexplained: 1,
		linesCut: 1,
		stuckMessages: 1
	});
	expect(verdict.invariants).toEqual({ I1: 0, I2: 0, I3: 1, I4: 1, I5: 1, I6: 0, I7: 0, I8: 0, I9: 0 });
	// A run that ended before its mail began, a hold without a lease, and a step outside the pinned plan.
	await db.admin.execute(sql`
		update enrollments set ended_at = to_timestamp(900), status = 'completed', end_reason = 'no_branch_left',
			done = '["gone"]' where id = ${rows[0]!.enrollmentId}`);
	await db.admin.execute(sql`update messages set status = 'claimed' where id = ${rows[4]!.messageId}`);
	const again = await judge(db.admin.$client, world.orgId, log);
	expect(again.invariants).toMatchObject({ I6: 2, I7: 1, I8: 1 });
});

test('E1 judge: I9 finds rows whose parent is gone, is in another organization or is not the one it should be', async ({
	db
}) => {
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const stranger = await makeWorld(db);
	const [first, second] = await queue(db, world, 'first', [
		{ to: 'a@people.example' },
		{ to: 'b@people.example' }
	]);
	const { enrollmentId, actionRunId, messageId, recordId } = first!;
	const nobody = newId();
	const breaks: Record<string, string> = {
		'a message without its action': `delete from action_runs where id = '${actionRunId}'`,
		'an action without its run': `delete from enrollments where id = '${enrollmentId}'`,
		'a run without its record': `delete from records where id = '${recordId}'`,
		'a run without its cadence': `update enrollments set cadence_id = '${nobody}' where id = '${enrollmentId}'`,
		'a run in a version that is gone': `update enrollments set version_id = '${nobody}' where id = '${enrollmentId}'`,
		'a message to nobody': `update messages set record_id = '${nobody}' where id = '${messageId}'`,
		"another organization's action": `update action_runs set org_id = '${stranger.orgId}' where id = '${actionRunId}'`,
		"another run's action": `update messages set enrollment_id = '${second!.enrollmentId}' where id = '${messageId}'`,
		'a response to nothing': `insert into responses (org_id, enrollment_id, run_no, action_id, kind)
			values ('${world.orgId}', '${nobody}', 1, 'first', 'opened')`,
		'an event of nothing': `insert into events (org_id, cadence_id, version_id, enrollment_id, run_no, record_id, kind, enrolled_day, day)
			values ('${world.orgId}', '${world.cadenceId}', '${world.versionId}', '${nobody}', 1, '${recordId}', 'opened', app.now(), app.now())`
	};
	const one = await db.admin.$client.reserve();
	const found = async () => (await judge(one, world.orgId, [])).invariants.I9;
	try {
		expect(await found()).toBe(0);
		for (const [what, statement] of Object.entries(breaks)) {
			// As if there were no keys and nobody were held back from deleting.
			await one.unsafe(`begin; set local session_replication_role = replica; ${statement}`);
			expect.soft(await found(), what).toBeGreaterThan(0);
			await one.unsafe('rollback');
		}
	} finally {
		one.release();
	}
});
