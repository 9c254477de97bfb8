import { sql } from 'drizzle-orm';
import { shiftClock } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import {
	branch,
	days,
	email,
	eventCounts,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task
} from '../support/engineWorld.ts';
import { webhook } from '../support/extraActions.ts';
import { enrolled, messagesOf, publishPlan } from '../support/liveRuns.ts';

const created = { response: 'created' } as const;
const steps = (wait: number, subject = 'Call them') =>
	planOf([task('a', [branch('a', created, 'b', days(wait))]), task('b', [], { subject })]);

describe('VER-4: publishing over records under way', () => {
	test('VER-4: a moved run goes on from its point with the new delay, counted from the first response', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, steps(2));
		await shiftClock(db, '1 day');
		const effect = await publishPlan(db, world, cadenceId, steps(4, 'Other words'), {
			decisions: { b: 'move' }
		});
		expect(effect).toMatchObject({ stopped: 0, moved: 1, kept: 0 });
		const [run] = await runsOf(db, cadenceId);
		expect(run).toMatchObject({ status: 'active', current_action_id: 'a', due_in_hours: 72 });
		await shiftClock(db, '5 days');
		await runEngine(db);
		const made = await db.admin.execute(sql`
			select subject from activities where enrollment_id = ${run!.id} order by created_at`);
		expect(made.map((row) => row['subject'])).toEqual(['Task a', 'Other words']);
		expect(await eventCounts(db, cadenceId)).toMatchObject({ moved: 1, executed: 2, completed: 1 });
		await shiftClock(db, '0');
	});

	test('VER-4: stop, move and keep side by side; a paused run stays paused; whose action went is stopped', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId, versionId } = await enrolled(db, world, steps(2), [{}, {}, {}]);
		const [first, second] = await runsOf(db, cadenceId);
		await db.admin.execute(sql`
			update enrollments set status = 'paused', pause_causes = '["person"]', due_at = null, next_branch_id = null,
				next_action_id = null, frozen = '{"a/created": {"remaining": 7200000, "business": false}}',
				race = jsonb_set(race, '{timed}', '{}') where id = ${second!.id}`);
		const moved = await publishPlan(db, world, cadenceId, steps(2, 'New'), { decisions: { b: 'move' } });
		expect(moved).toMatchObject({ stopped: 0, moved: 3 });
		const runs = await runsOf(db, cadenceId);
		expect(runs).toMatchObject([
			{ id: first!.id, status: 'active', due_in_hours: 48 },
			{ status: 'paused', due_in_hours: null },
			{ status: 'active' }
		]);
		const [frozen] = await db.admin.execute(
			sql`select frozen, version_id from enrollments where id = ${second!.id}`
		);
		expect(frozen).toEqual({
			frozen: { 'a/created': { remaining: 7200000, business: false } },
			version_id: moved.versionId
		});
		const kept = await publishPlan(db, world, cadenceId, steps(2, 'Newer'), { decisions: { b: 'keep' } });
		expect(kept).toMatchObject({ stopped: 0, moved: 0, kept: 3 });
		const without = planOf([task('c')]);
		const gone = await publishPlan(db, world, cadenceId, without, { decisions: { a: 'move' } });
		expect(gone).toMatchObject({ stopped: 3, moved: 0 });
		expect(await runsOf(db, cadenceId)).toMatchObject(
			[1, 2, 3].map(() => ({ status: 'stopped', end_reason: 'follow_up_edited' }))
		);
		expect(versionId).not.toBe(moved.versionId);
	});

	test('VER-4: a queued message whose action changed is made anew; one that a sender holds is left', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const mail = (more: Parameters<typeof email>[2]) =>
			planOf([
				email('mail', [branch('mail', { response: 'replied' }, 'b')], {
					templateId: world.templateId,
					...more
				}),
				task('b')
			]);
		const data = { email: 'a@b.example', secondaryEmail: 'z@b.example' };
		const { cadenceId } = await enrolled(db, world, mail({}), [{ data }, { data }]);
		await db.admin.execute(sql`
			update messages set status = 'sending' where id = (select id from messages where cadence_id = ${cadenceId} order by enrollment_id desc limit 1)`);
		const effect = await publishPlan(
			db,
			world,
			cadenceId,
			mail({ recipient: 'secondaryEmail', replyTo: 'desk@b.example' }),
			{ decisions: { mail: 'move' } }
		);
		expect(effect).toMatchObject({ moved: 2 });
		expect(await messagesOf(db, cadenceId)).toMatchObject([
			{ status: 'queued', to_address: 'z@b.example', settings: { replyTo: 'desk@b.example' } },
			{ status: 'sending', to_address: 'a@b.example', settings: { replyTo: '' } }
		]);
	});

	test('VER-4: a webhook that waits is stopped, called with the new settings, or left as it was', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const calling = (url: string) =>
			planOf([webhook('hook', { url }, [branch('hook', { response: 'done' }, 'b')]), task('b')]);
		const callsOf = async (cadenceId: string) => [
			...(await db.admin.execute(sql`
				select w.status, w.receiver, a.status as run_status, v.plan #>> '{nodes,hook,config,url}' as url
				from webhook_calls w join enrollments e on e.org_id = w.org_id and e.id = w.enrollment_id
				join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
				join action_runs a on a.org_id = w.org_id and a.id = w.action_run_id
				where w.cadence_id = ${cadenceId}`))
		];
		const [old, now] = ['https://old.example/in', 'https://new.example/in'];
		const publish = async (decision: 'stop' | 'move' | 'keep') => {
			const { cadenceId } = await enrolled(db, world, calling(old));
			const effect = await publishPlan(db, world, cadenceId, calling(now), { decisions: { hook: decision } });
			return [effect, ...(await callsOf(cadenceId))];
		};
		expect(await publish('stop')).toMatchObject([
			{ stopped: 1, moved: 0, kept: 0 },
			{ status: 'cancelled', run_status: 'cancelled' }
		]);
		expect(await publish('move')).toMatchObject([
			{ stopped: 0, moved: 1, kept: 0 },
			{ status: 'queued', url: now, receiver: 'new.example' }
		]);
		expect(await publish('keep')).toMatchObject([
			{ stopped: 0, moved: 0, kept: 1 },
			{ status: 'queued', url: old, receiver: 'old.example' }
		]);
	});

	test('VER-4: runs that only wait stay, or are moved by choice, and take the new branches', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const waiting = (...more: ReturnType<typeof branch>[]) =>
			planOf([
				task('a', [branch('a', { response: 'status', parameter: 'Completed' }, 'b'), ...more]),
				task('b')
			]);
		const { cadenceId } = await enrolled(db, world, waiting());
		const nudge = waiting(branch('a', created, 'b', days(3)));
		expect(await publishPlan(db, world, cadenceId, nudge)).toMatchObject({ stopped: 0, moved: 0, kept: 0 });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ due_in_hours: null }]);
		expect(await publishPlan(db, world, cadenceId, nudge, { moveWaiting: true })).toMatchObject({ moved: 1 });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', due_in_hours: 72 }]);
	});

	test('VER-4: what a run has done before is not timed again in a version that leads back to it', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(
			db,
			world,
			planOf([
				task('a', [branch('a', created, 'b')]),
				task('b', [branch('b', created, 'c', days(2))]),
				task('c')
			])
		);
		const back = planOf([
			task('b', [branch('b', created, 'a', days(1)), branch('b', { response: 'overdue' }, 'c')]),
			task('a'),
			task('c')
		]);
		expect(await publishPlan(db, world, cadenceId, back, { decisions: { c: 'move' } })).toMatchObject({
			moved: 1
		});
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', next_branch_id: null }]);
	});
});
