import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { listEnrollments } from '../../src/lib/server/enrollments/listEnrollments.ts';
import { onActivate } from '../../src/lib/server/enrollments/onActivate.ts';
import { onDeactivate } from '../../src/lib/server/enrollments/onDeactivate.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { previewEnroll } from '../../src/lib/server/enrollments/previewEnroll.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { makeUser, rep, shiftClock } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	email,
	eventCounts,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task
} from '../support/engineWorld.ts';

const as = <T>(db: TestDatabase, actor: Actor, work: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, actor.orgId, work);
const noRules = { leavesView: false, onDate: null, criteria: null, outcomes: [] };
const waiting = () => planOf([task('a', [branch('a', { response: 'created' }, 'b', days(2))]), task('b')]);

describe('enrolling by hand', () => {
	test('ENR-1, ENR-6: counts who was enrolled and who was skipped, by reason; the dry run says the same', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const criteria = { field: 'rating', op: 'is' as const, value: 'Cold' };
		const plan = planOf([email('mail')], { unenroll: { ...noRules, criteria } });
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(db, world, [
			{ data: { email: 'a@b.example' } },
			{},
			{ data: { rating: 'Cold' } },
			{ deletedAt: new Date() },
			{ convertedAt: new Date() },
			{ data: { email: 'c@b.example' } },
			{ data: { email: 'd@b.example' } }
		]);
		const [, , , , , live, before] = ids;
		await as(db, world.actor, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids: [live!, before!] } })
		);
		await db.admin.execute(
			sql`update enrollments set status = 'stopped', end_reason = 'manual' where record_id = ${before}`
		);
		const stranger = '00000000-0000-4000-8000-000000000001';
		const input = { cadenceId, records: { ids: [...ids, stranger] } };
		const expected = {
			enrolled: 2,
			skipped: { already_enrolled: 1, enrolled_before: 1, matches_unenrollment: 1, converted: 1, deleted: 2 }
		};
		expect(await as(db, world.actor, (tx) => previewEnroll(tx, world.actor, input))).toEqual({
			...expected,
			total: 8,
			missingAddress: 1
		});
		expect(await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, input))).toEqual({
			kind: 'done',
			result: expected
		});
		const again = await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, input));
		expect(again).toMatchObject({ result: { enrolled: 0, skipped: { already_enrolled: 3 } } });
	});

	test('ENR-6, PER-3: who sees only their own records cannot enroll others, and without ENROLL nobody', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		const own = await makeUser(db, world.orgId, rep, 'Rita Rep');
		const viewer = await makeUser(db, world.orgId, {
			...rep,
			cadences: { view: true, manage: false, enroll: false, unenroll: false }
		});
		const ids = await makeLeads(db, world, [{}, { ownerId: own.userId }]);
		const input = { cadenceId, records: { ids } };
		expect(await as(db, own, (tx) => enrollRecords(tx, own, input))).toEqual({
			kind: 'done',
			result: { enrolled: 1, skipped: { no_permission: 1 } }
		});
		await expect(as(db, viewer, (tx) => enrollRecords(tx, viewer, input))).rejects.toMatchObject({
			code: 'forbidden'
		});
		await expect(
			as(db, viewer, (tx) => unenrollRecords(tx, viewer, { cadenceId, target: { enrollmentIds: ids } }))
		).rejects.toMatchObject({ code: 'forbidden' });
	});

	test('ENR-1: a large set runs in the background, in chunks, and ends with the same result', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		await makeLeads(
			db,
			world,
			Array.from({ length: 1100 }, () => ({}))
		);
		const outcome = await as(db, world.actor, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { filter: { criteria: { all: [] } } } })
		);
		expect(outcome).toMatchObject({ kind: 'background', total: 1100 });
		const taskId = outcome.kind === 'background' ? outcome.taskId : '';
		await runBackgroundTask(db.worker, { orgId: world.orgId, taskId });
		const [done] = await db.admin.execute(
			sql`select status, processed, result from background_tasks where id = ${taskId}`
		);
		expect(done).toEqual({ status: 'done', processed: 1100, result: { enrolled: 1100, skipped: {} } });
		// UX: the bell tells of its end, with the result and where to see it.
		await runBackgroundTask(db.worker, { orgId: world.orgId, taskId });
		const notices = await db.admin.execute(sql`
			select user_id, kind, title, body, link from notifications where org_id = ${world.orgId}`);
		expect([...notices]).toEqual([
			{
				user_id: world.actor.userId,
				kind: 'background_done',
				title: `Enroll finished: Cadence ${cadenceId}`,
				body: '1,100 enrolled.',
				link: `/cadences/${cadenceId}/enrollments`
			}
		]);
		expect(await eventCounts(db, cadenceId)).toEqual({ enrolled: 1100 });
	});
});

describe('pausing, going on, beginning again', () => {
	test('ENR-8, ENR-9: a pause freezes what is timed; it ends by hand or at its date', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		const ids = await makeLeads(db, world, [{}, {}]);
		await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
		await runEngine(db);
		const runs = await runsOf(db, cadenceId);
		await shiftClock(db, '12 hours');
		const until = new Date(Date.now() + 5 * 86_400_000);
		await as(db, world.actor, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds: [runs[0]!.id] }));
		await as(db, world.actor, (tx) =>
			pauseEnrollments(tx, world.actor, { enrollmentIds: [runs[1]!.id], until })
		);
		await shiftClock(db, '4 days');
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'paused' },
			{ status: 'paused', due_in_hours: null }
		]);
		await as(db, world.actor, (tx) => resumeEnrollments(tx, world.actor, { enrollmentIds: [runs[0]!.id] }));
		expect((await runsOf(db, cadenceId))[0]).toMatchObject({ status: 'active', due_in_hours: 36 });
		await shiftClock(db, '6 days');
		await sweepEngine(db.worker);
		expect((await runsOf(db, cadenceId))[1]).toMatchObject({ status: 'active', due_in_hours: 36 });
		await shiftClock(db, '0');
	});

	test('REE-1, REE-4: an ended run is restarted as run 2 on the active version; a live one is not', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		const ids = await makeLeads(db, world, [{}, {}, {}]);
		await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
		await runEngine(db);
		const runs = await runsOf(db, cadenceId);
		await as(db, world.actor, (tx) =>
			unenrollRecords(tx, world.actor, {
				cadenceId,
				target: { enrollmentIds: [runs[0]!.id] },
				reason: 'Wrong person'
			})
		);
		await db.admin.execute(sql`
			update enrollments set status = 'stopped', end_reason = 'converted', due_at = null, ended_at = now() where id = ${runs[1]!.id}`);
		const result = await as(db, world.actor, (tx) =>
			restartEnrollments(tx, world.actor, { enrollmentIds: runs.map((run) => run.id) })
		);
		expect(result).toEqual({ kind: 'done', restarted: 1, skipped: { final: 1, still_running: 1 } });
		await runEngine(db);
		expect((await runsOf(db, cadenceId))[0]).toMatchObject({
			run_no: 2,
			status: 'active',
			current_action_id: 'a'
		});
		await expect(
			as(db, world.actor, (tx) => resumeEnrollments(tx, world.actor, { enrollmentIds: [runs[1]!.id] }))
		).rejects.toMatchObject({ code: 'invalid' });
	});

	test('DEA-1, DEA-2: deactivating halts everything; reactivating stops the halted or goes on with them', async ({
		db
	}) => {
		const world = await makeWorld(db);
		for (const halted of ['stop', 'continue'] as const) {
			const plan = planOf([
				email('mail', [branch('mail', { response: 'sent' }, 'b')], { templateId: world.templateId }),
				task('b')
			]);
			const { cadenceId } = await makeCadence(db, world, plan);
			const ids = await makeLeads(db, world, [{ data: { email: 'a@b.example' } }, {}]);
			await as(db, world.actor, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids: [ids[0]!] } })
			);
			await runEngine(db);
			await db.admin.execute(
				sql`update messages set status = 'claimed', claim = app.new_id() where cadence_id = ${cadenceId}`
			);
			await as(db, world.actor, async (tx) => {
				await tx.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}`);
				expect(await onDeactivate(tx, world.actor, { cadenceId })).toEqual({ paused: 1, heldMessages: 1 });
			});
			await runEngine(db);
			const message = () =>
				db.admin.execute(
					sql`select status, wait_reason, claim from messages where cadence_id = ${cadenceId}`
				);
			expect(await message()).toEqual([{ status: 'queued', wait_reason: 'cadence_inactive', claim: null }]);
			expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'paused' }]);
			await as(db, world.actor, async (tx) => {
				await tx.execute(sql`update cadences set state = 'active' where id = ${cadenceId}`);
				await onActivate(tx, world.actor, { cadenceId, halted });
			});
			expect(await runsOf(db, cadenceId)).toMatchObject([
				halted === 'stop' ? { status: 'stopped', end_reason: 'deactivated' } : { status: 'active' }
			]);
			expect(await message()).toMatchObject([{ status: halted === 'stop' ? 'cancelled' : 'queued' }]);
		}
	});
});

describe('looking at enrollments', () => {
	test('ENR-8, CRM-8: pages of the cadence, the related list, and why a run is not moving', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 7 }, () => ({}))
		);
		await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
		await runEngine(db);
		const seen: string[] = [];
		for (let cursor: string | null = null; ;) {
			const page = await as(db, world.actor, (tx) =>
				listEnrollments(tx, world.actor, { cadenceId, cursor, limit: 3 })
			);
			seen.push(...page.rows.map((row) => row.recordId));
			expect(page.counts).toMatchObject({ active: 7, failed: 0 });
			cursor = page.nextCursor;
			if (!cursor) break;
		}
		expect(seen).toHaveLength(7);
		expect(new Set(seen)).toEqual(new Set(ids));
		const { rows } = await as(db, world.actor, (tx) => listEnrollments(tx, world.actor, { cadenceId }));
		const row = rows.find(({ recordId }) => recordId === ids[0]);
		expect(row).toMatchObject({
			status: 'active',
			currentAction: 'Follow-up 1 · a',
			nextAction: 'Follow-up 1 · b',
			enrolledBy: 'Ada Admin',
			version: 1
		});
		const explain = () => as(db, world.actor, (tx) => explainEnrollment(tx, world.actor, row!.id));
		expect(await explain()).toMatch(/^It waits until .*, then comes Follow-up 1 · b\.$/);
		await as(db, world.actor, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds: [row!.id] }));
		expect(await explain()).toMatch(/^It is paused because a person paused it/);
		await as(db, world.actor, (tx) =>
			unenrollRecords(tx, world.actor, {
				target: { moduleKey: 'leads', records: { ids: [ids[0]!] } },
				reason: 'Called us'
			})
		);
		expect(await explain()).toMatch(/^It is over: it ended on .* \(Un-enrolled by a person: Called us\)\.$/);
	});

	test('ENR-8, UNE-3: a pause ends within ten years; the whole list of a status is un-enrolled at once', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, waiting());
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 3 }, () => ({}))
		);
		await as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
		const [one] = await runsOf(db, cadenceId);
		const pause = (until?: Date) =>
			as(db, world.actor, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds: [one!.id], until }));
		for (const until of [new Date(0), new Date('+020000-01-01T00:00:00Z'), new Date(Number.NaN)])
			await expect(pause(until)).rejects.toThrow(/Choose a day|Enter a day/);
		await pause();
		const unenroll = (status: 'active' | null) =>
			as(db, world.actor, (tx) =>
				unenrollRecords(tx, world.actor, { target: { runs: { cadenceId, all: true, status } } })
			);
		expect(await unenroll('active')).toEqual({ kind: 'done', unenrolled: 2 });
		expect(await unenroll(null)).toEqual({ kind: 'done', unenrolled: 1 });
		expect(await unenroll(null)).toEqual({ kind: 'done', unenrolled: 0 });
	});
});
