import { sql } from 'drizzle-orm';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import type { ResponseKind } from '../../src/lib/domain/cadence/responses.ts';
import { shiftClock } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	call,
	days,
	email,
	enroll,
	eventCounts,
	exit,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	start,
	task
} from '../support/engineWorld.ts';

async function respond(
	db: TestDatabase,
	cadenceId: string,
	actionId: string,
	kind: ResponseKind,
	more: Record<string, unknown> = {}
): Promise<void> {
	const runs = await db.admin.execute<{ id: string; org_id: string; run_no: number }>(
		sql`select id, org_id, run_no from enrollments where cadence_id = ${cadenceId}`
	);
	await recordResponses(
		db.worker,
		runs.map((run) => ({
			orgId: run.org_id,
			enrollmentId: run.id,
			runNo: run.run_no,
			actionId,
			kind,
			...more
		}))
	);
	await runEngine(db);
}

const messagesOf = (db: TestDatabase, cadenceId: string) =>
	db.admin.execute<{ status: string; to_address: string; action_id: string }>(
		sql`select status, to_address, action_id from messages where cadence_id = ${cadenceId} order by id`
	);
const activitiesOf = (db: TestDatabase, cadenceId: string) =>
	db.admin.execute<{
		kind: string;
		status: string;
		subject: string;
		action_id: string;
		cancelled_by: string | null;
	}>(sql`
		select t.kind, t.status, t.subject, t.action_id, t.cancelled_by from activities t
		join enrollments e on e.org_id = t.org_id and e.id = t.enrollment_id
		where e.cadence_id = ${cadenceId} order by t.subject, t.id`);

describe('one pass', () => {
	test('EXE-1: a due branch executes its action once, and EXE-3 completes the run after the last one', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			task('a', [branch('a', { response: 'created' }, 'b', days(2))], { subject: 'Greet {{lead.lastName}}' }),
			{ ...task('b'), followUp: 2 }
		]);
		const ids = await makeLeads(db, world, [{}, {}]);
		const cadenceId = await start(db, world, plan, ids);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{
				status: 'active',
				current_action_id: 'a',
				next_branch_id: 'a/created',
				due_in_hours: 48,
				follow_up: 1
			},
			{ status: 'active', current_action_id: 'a' }
		]);
		expect(await activitiesOf(db, cadenceId)).toMatchObject([
			{ kind: 'task', status: 'Not started', subject: 'Greet Lead 0' },
			{ subject: 'Greet Lead 1' }
		]);
		await shiftClock(db, '2 days 1 minute');
		await runEngine(db);
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'completed', end_reason: 'completed', follow_up: 2, due_in_hours: null },
			{ status: 'completed' }
		]);
		expect(await activitiesOf(db, cadenceId)).toHaveLength(4);
		expect(await eventCounts(db, cadenceId)).toEqual({ enrolled: 2, executed: 4, completed: 2 });
		await shiftClock(db, '0');
	});

	test('EXE-10: an e-mail waits in the outbox; its race opens when the hand-over is applied', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			email(
				'mail',
				[
					branch('mail', { response: 'sent' }, 'ring', days(3)),
					branch('mail', { response: 'replied' }, 'ring')
				],
				{ templateId: world.templateId }
			),
			call('ring')
		]);
		const ids = await makeLeads(db, world, [
			{ data: { email: ' Bea@Example.org ', phone: '+4915112345678' } }
		]);
		const cadenceId = await start(db, world, plan, ids);
		expect(await messagesOf(db, cadenceId)).toEqual([
			{ status: 'queued', to_address: 'bea@example.org', action_id: 'mail' }
		]);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'active', next_branch_id: null, follow_up: 0 }
		]);
		await respond(db, cadenceId, 'mail', 'sent');
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ next_branch_id: 'mail/sent', due_in_hours: 72, follow_up: 1 }
		]);
		await respond(db, cadenceId, 'mail', 'replied');
		// GRA-7: the reply was first; the call is executed at once and completes the run.
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'completed', current_action_id: 'ring', last_response: 'replied' }
		]);
		expect(await activitiesOf(db, cadenceId)).toMatchObject([{ kind: 'call', status: 'Scheduled' }]);
		expect(await eventCounts(db, cadenceId)).toEqual({
			enrolled: 1,
			executed: 2,
			sent: 1,
			opened: 1,
			replied: 1,
			completed: 1
		});
	});

	test('EXE-4, EXE-5: blank and malformed addresses fail, opted-out and unsubscribed people are skipped', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			email('mail', [branch('mail', { response: 'sent' }, 'ring')], { templateId: world.templateId }),
			call('ring')
		]);
		const phone = '+4915112345678';
		const ids = await makeLeads(db, world, [
			{ data: { phone } },
			{ data: { email: 'nobody@nowhere', phone } },
			{ data: { email: 'opted@example.org', phone }, emailOptOut: true },
			{ data: { email: 'Gone@example.org', phone } },
			{ data: { email: 'bounced@example.org', phone } },
			{ data: { email: 'fine@example.org', phone } }
		]);
		await db.admin.execute(sql`
			insert into suppressions (org_id, id, channel, address, reason) values
				(${world.orgId}, app.new_id(), 'email', 'gone@example.org', 'unsubscribed'),
				(${world.orgId}, app.new_id(), 'email', 'bounced@example.org', 'bounced')`);
		const cadenceId = await start(db, world, plan, ids);
		const byRecord = new Map((await runsOf(db, cadenceId)).map((run) => [run.record_id, run]));
		expect(ids.map((id) => byRecord.get(id)?.status)).toEqual([
			'failed',
			'failed',
			'completed',
			'completed',
			'failed',
			'active'
		]);
		expect(ids.map((id) => byRecord.get(id)?.end_reason)).toEqual([
			'missing_address',
			'invalid_address',
			'completed',
			'completed',
			'address_bounced',
			null
		]);
		expect(await messagesOf(db, cadenceId)).toMatchObject([{ to_address: 'fine@example.org' }]);
		// Who was skipped still got the call.
		expect(await activitiesOf(db, cadenceId)).toHaveLength(2);
		expect(await eventCounts(db, cadenceId)).toEqual({
			enrolled: 6,
			failed: 3,
			skipped: 2,
			executed: 2,
			completed: 2
		});
	});

	test('UNE-5: un-enrollment and a due follow-up together: un-enrollment wins (E11)', async ({ db }) => {
		const world = await makeWorld(db);
		const criteria = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
		const plan = planOf([task('a')], {
			unenroll: { leavesView: false, onDate: null, criteria, outcomes: [] }
		});
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 300 }, () => ({}))
		);
		await enroll(db, world, cadenceId, ids);
		await db.admin.execute(sql`
			update records set data = data || '{"leadStatus": "Contacted"}' where org_id = ${world.orgId}`);
		await runEngine(db);
		const runs = await runsOf(db, cadenceId);
		expect(runs).toHaveLength(300);
		expect(runs.every((run) => run.status === 'stopped' && run.end_reason === 'criteria')).toBe(true);
		expect(await activitiesOf(db, cadenceId)).toHaveLength(0);
		expect(await eventCounts(db, cadenceId)).toEqual({ enrolled: 300, unenrolled: 300 });
	});

	test('UNE-5: a pass looks at fresh data itself, before anybody has worked on the change of the record', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const criteria = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
		const plan = planOf([task('a')], {
			unenroll: { leavesView: false, onDate: null, criteria, outcomes: [] }
		});
		const { cadenceId } = await makeCadence(db, world, plan);
		await enroll(db, world, cadenceId, await makeLeads(db, world, [{}, {}]));
		await db.admin.execute(sql`
			update records set data = data || '{"leadStatus": "Contacted"}' where org_id = ${world.orgId}`);
		while ((await advance(db.worker, newLane(10))).claimed);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'stopped', end_reason: 'criteria' },
			{ status: 'stopped', end_reason: 'criteria' }
		]);
		expect(await activitiesOf(db, cadenceId)).toHaveLength(0);
	});

	test('GRA-1, UNE-4: an exit un-enrolls, and cancels what is open as the system', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf([
			task('a', [branch('a', { response: 'created' }, 'out', days(1))]),
			exit('out', false, 'Not a fit')
		]);
		const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}]));
		await shiftClock(db, '25 hours');
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'stopped', end_reason: 'exit', end_detail: 'Not a fit', due_in_hours: null }
		]);
		expect(await activitiesOf(db, cadenceId)).toMatchObject([
			{ status: 'Cancelled', cancelled_by: 'system' }
		]);
		await shiftClock(db, '0');
	});

	test('EXE-9, UNE-1 (d): late responses are recorded; an outcome rule ends the run', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf(
			[
				email('mail', [branch('mail', { response: 'sent' }, 'ring')], { templateId: world.templateId }),
				call('ring', [branch('ring', { response: 'result', parameter: 'Interested' }, 'out', days(1))]),
				exit('out', true)
			],
			{
				lateReply: 'record',
				unenroll: {
					leavesView: false,
					onDate: null,
					criteria: null,
					outcomes: [
						{
							channel: 'call',
							actionId: null,
							responses: [{ response: 'result', parameter: 'Invalid number' }]
						}
					]
				}
			}
		);
		const ids = await makeLeads(db, world, [{ data: { email: 'a@b.example', phone: '+4915112345678' } }]);
		const cadenceId = await start(db, world, plan, ids);
		await respond(db, cadenceId, 'mail', 'sent');
		await respond(db, cadenceId, 'mail', 'clicked', { parameter: '0' });
		await respond(db, cadenceId, 'mail', 'clicked', { parameter: '0' });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', current_action_id: 'ring' }]);
		const late = await db.admin.execute(sql`
			select kind, first, late from events where cadence_id = ${cadenceId} and kind = 'clicked' order by id`);
		expect(late).toEqual([
			{ kind: 'clicked', first: true, late: true },
			{ kind: 'clicked', first: false, late: true }
		]);
		await respond(db, cadenceId, 'ring', 'result', { parameter: 'Invalid number' });
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'stopped', end_reason: 'response_rule', end_detail: 'result/Invalid number' }
		]);
	});

	test('UNE-8: every number of the deltas equals a count over the log', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b')]), task('b')]);
		const leads = Array.from({ length: 20 }, () => ({}));
		await start(db, world, plan, await makeLeads(db, world, leads));
		const rows = await db.admin.execute(sql`
			with log as (
				select cadence_id, coalesce(action_id, '') as action_id, kind, coalesce(detail, '') as detail, first, machine, day,
					enrolled_day, count(*)::int as n
				from events where kind not in ('paused', 'unpaused', 'moved') group by 1, 2, 3, 4, 5, 6, 7, 8
			), sums as (
				select cadence_id, action_id, kind, detail, first, machine, day, enrolled_day, sum(count)::int as n
				from report_deltas where kind <> 'reached' group by 1, 2, 3, 4, 5, 6, 7, 8
			)
			select * from log full join sums using (cadence_id, action_id, kind, detail, first, machine, day, enrolled_day)
			where log.n is distinct from sums.n`);
		expect(rows).toEqual([]);
		const [counted] = await db.admin.execute(sql`select sum(count)::int as n from report_deltas`);
		expect(Number(counted?.n)).toBeGreaterThanOrEqual(4 * leads.length);
	});
});
