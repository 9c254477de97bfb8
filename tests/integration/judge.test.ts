import { sql } from 'drizzle-orm';
import { judge } from '../faults/judge.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
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
