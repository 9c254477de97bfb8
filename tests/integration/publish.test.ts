import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { PublishInput } from '../../src/lib/domain/cadence/publish.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { documentUpdates } from '../../src/lib/server/db/schema/cadences.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { getCadence } from '../../src/lib/server/cadences/getCadence.ts';
import { hashPlan } from '../../src/lib/server/cadences/hashPlan.ts';
import { previewPublish } from '../../src/lib/server/cadences/previewPublish.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { restoreVersion } from '../../src/lib/server/cadences/restoreVersion.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { replaceDocument } from '../../src/lib/server/collab/replaceDocument.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { allLeads, makeCadence, oneTask } from '../support/cadences.ts';
import { days, draftOf, task } from '../support/draftOf.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';

const first = (cadenceId: string): PublishInput => ({ cadenceId, expectedVersion: null });
const versionsOf = async (tx: OrgTx, cadenceId: string) =>
	tx.execute<{ n: number; plan: Plan; plan_sha256: string; note: string; changes: { authors: string[] } }>(
		sql`select * from cadence_versions where cadence_id = ${cadenceId} order by n`
	);
/** A live run that waits at a branch, as the engine leaves it. */
async function makeRun(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	over: { next?: string; target?: string; current?: string; timed?: Record<string, number> }
): Promise<string> {
	const record = await makeLead(tx, actor);
	const id = newId();
	const race = over.current
		? { actionId: over.current, openedAt: 1, skipped: false, responses: {}, timed: over.timed ?? {} }
		: null;
	await tx.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, status, race, next_branch_id, next_action_id,
			due_at, current_action_id, source)
		select ${actor.orgId}, ${id}, c.id, ${record}, c.active_version_id, 'active', ${JSON.stringify(race)}::jsonb,
			${over.next ?? null}, ${over.target ?? null}, case when ${over.next ?? null}::text is null then null
			else app.now() + interval '1 day' end, ${over.current ?? null}, 'manual'
		from cadences c where c.id = ${cadenceId}`);
	return id;
}
const makeLead = (tx: OrgTx, actor: Actor) =>
	createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Lovelace' } });

describe('publishing', () => {
	test('VER-2: stores version 1 with plan, hash, note and authors, and activates', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			const result = await publishCadence(tx, actor, { ...first(id), note: 'Off we go' });
			expect(result).toMatchObject({ n: 1, state: 'active', effect: { stopped: 0, moved: 0, kept: 0 } });
			const [version] = await versionsOf(tx, id);
			expect(version).toMatchObject({ n: 1, note: 'Off we go', changes: { authors: [actor.userId] } });
			expect(version!.plan.nodes['look']).toMatchObject({ kind: 'task', followUp: 1 });
			expect(version!.plan_sha256).toBe(hashPlan(version!.plan));
			expect(await getCadence(tx, actor, id)).toMatchObject({
				state: 'active',
				draftPending: false,
				version: { n: 1, publishedBy: { id: actor.userId } }
			});
			const audit = await tx.execute(sql`select action from audit_entries where object_id = ${id}`);
			expect(audit.map((row) => row['action'])).toContain('cadence.publish');
		});
	});

	test('VER-2: a draft with errors is refused with every problem, and nothing is stored', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A', draftOf({ look: { ...task(), subject: '' } }, []));
			await expect(publishCadence(tx, actor, first(id))).rejects.toMatchObject({
				code: 'invalid',
				details: {
					violations: expect.arrayContaining([
						expect.objectContaining({ code: 'graph.entry' }),
						expect.objectContaining({ code: 'task.subject', at: { node: 'look', field: 'subject' } })
					])
				}
			});
			expect(await versionsOf(tx, id)).toHaveLength(0);
			expect(await getCadence(tx, actor, id)).toMatchObject({ state: 'draft', version: null });
		});
	});

	test('VER-2: what did not change is not published again; a moved node is', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			await publishCadence(tx, actor, first(id));
			const again = { cadenceId: id, expectedVersion: 1 };
			expect(await previewPublish(tx, actor, id)).toMatchObject({ version: 1, unchanged: true });
			await expect(publishCadence(tx, actor, again)).rejects.toThrow('Nothing changed since version 1');
			await replaceDocument(tx, actor.orgId, id, oneTask('Look', { endAfterDays: 7 }), actor.userId);
			expect(await publishCadence(tx, actor, again)).toMatchObject({ n: 2, state: 'active' });
		});
	});

	test('VER-6: somebody else published meanwhile', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			await publishCadence(tx, actor, first(id));
			await replaceDocument(tx, actor.orgId, id, oneTask('Other'), actor.userId);
			await expect(publishCadence(tx, actor, first(id))).rejects.toMatchObject({
				code: 'conflict',
				pointer: '/expectedVersion'
			});
			expect(await versionsOf(tx, id)).toHaveLength(1);
		});
	});

	test('VER-6: a draft that was changed since it was looked at is not published; one whose cards were moved is', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A', oneTask('Look'));
			const { reviewed } = await previewPublish(tx, actor, id);
			await replaceDocument(tx, actor.orgId, id, oneTask('Look twice'), actor.userId);
			await expect(publishCadence(tx, actor, { ...first(id), reviewed })).rejects.toMatchObject({
				code: 'conflict',
				pointer: '/reviewed'
			});
			expect(await versionsOf(tx, id)).toHaveLength(0);
			const moved = oneTask('Look');
			for (const node of Object.values(moved.nodes)) node.position = [77, 77];
			await replaceDocument(tx, actor.orgId, id, moved, actor.userId);
			expect(await publishCadence(tx, actor, { ...first(id), reviewed })).toMatchObject({ n: 1 });
		});
	});

	test('VER-6: two who publish at the same time: one wins, one is told', async ({ db }) => {
		const actor = await makeOrg(db);
		const id = await withOrg(db.web, actor.orgId, (tx) => makeCadence(tx, actor, 'A'));
		const results = await Promise.allSettled(
			Array.from({ length: 4 }, () =>
				withOrg(db.web, actor.orgId, (tx) => publishCadence(tx, actor, first(id)))
			)
		);
		expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
		const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
		expect(codes).toEqual(['conflict', 'conflict', 'conflict']);
	});

	test('VER-2: what the document holds but the draft cannot say is refused, not published as a default', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			const { generation, seq } = await readDraft(tx, actor.orgId, id);
			const doc = new Y.Doc();
			// Of two concurrent values the one of the higher client id stands.
			doc.clientID = 2 ** 32 - 1;
			doc.getMap('settings').set('endAfterDays', 'soon');
			await tx.insert(documentUpdates).values({
				orgId: actor.orgId,
				cadenceId: id,
				generation,
				seq: seq + 1,
				bytes: Y.encodeStateAsUpdate(doc),
				userId: actor.userId
			});
			await tx.execute(sql`update documents set seq = seq + 1 where cadence_id = ${id}`);
			const problem = { code: 'draft.unreadable', at: { settings: 'endAfterDays' } };
			expect((await previewPublish(tx, actor, id)).problems).toMatchObject([problem]);
			await expect(publishCadence(tx, actor, first(id))).rejects.toMatchObject({
				code: 'invalid',
				pointer: '/settings/endAfterDays',
				details: { violations: [problem] }
			});
		});
	});

	test('PER-2: only MANAGE publishes', async ({ db }) => {
		const actor = await makeOrg(db);
		const reader = await makeUser(db, actor.orgId, rep);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			await expect(publishCadence(tx, reader, first(id))).rejects.toMatchObject({ code: 'forbidden' });
			await expect(previewPublish(tx, reader, id)).rejects.toMatchObject({ code: 'forbidden' });
		});
	});

	test('VER-5: publishing a view cadence asks for a scan; with "only later" who is in the view is left out', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		const publish = (includeExisting: boolean) =>
			withOrg(db.web, actor.orgId, async (tx) => {
				await makeLead(tx, actor);
				const name = includeExisting ? 'Everybody' : 'Later ones';
				const made = await makeCadence(tx, actor, name, oneTask('Look', { viewId: await allLeads(tx) }));
				await publishCadence(tx, actor, { ...first(made), includeExisting });
				return made;
			});
		const [later, all] = [await publish(false), await publish(true)];
		const jobs = await db.worker.execute<{ payload: unknown }>(sql`
			select j.payload from graphile_worker._private_jobs j
			join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'scanCadence'`);
		for (const cadenceId of [later, all])
			expect(jobs.map((job) => job.payload)).toContainEqual({ orgId: actor.orgId, cadenceId, actorId: null });
		const leftOut = await db.admin.execute<{ cadence_id: string }>(
			sql`select cadence_id from view_exclusions where org_id = ${actor.orgId}`
		);
		expect(leftOut.map((row) => row.cadence_id)).toEqual([later]);
	});

	test('VER-6: a version becomes the draft again under a new generation', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'A');
			await publishCadence(tx, actor, first(id));
			const before = await readDraft(tx, actor.orgId, id);
			await replaceDocument(tx, actor.orgId, id, oneTask('Other'), actor.userId);
			expect(await restoreVersion(tx, actor, { cadenceId: id })).toEqual({ n: 1 });
			const after = await readDraft(tx, actor.orgId, id);
			expect(after.draft).toEqual(before.draft);
			expect(after.generation).toBe(before.generation + 2);
		});
	});
});

describe('VER-4: runs under way', () => {
	const older = draftOf({ a: task('A'), b: task('B'), c: task('C') }, [
		['start', 'entry', 'a'],
		['a', 'created', 'b', days(1)],
		['b', 'created', 'c', days(1)],
		['b', 'overdue', 'c', days(2)]
	]);
	const edited = draftOf({ a: task('A'), b: { ...task('B'), subject: 'New words' }, c: task('C') }, [
		['start', 'entry', 'a'],
		['a', 'created', 'b', days(1)],
		['b', 'created', 'c', days(1)],
		['b', 'overdue', 'c', days(5)]
	]);
	/** before: about to reach B. after: B is done and its timed branch is the same. waits: for a response of A. */
	const setUp = async (tx: OrgTx, actor: Actor) => {
		const id = await makeCadence(tx, actor, 'A', older);
		await publishCadence(tx, actor, first(id));
		const runs = {
			before: await makeRun(tx, actor, id, {
				current: 'a',
				next: 'a/created',
				target: 'b',
				timed: { 'a/created': 1 }
			}),
			after: await makeRun(tx, actor, id, {
				current: 'b',
				next: 'b/created',
				target: 'c',
				timed: { 'b/created': 1 }
			}),
			late: await makeRun(tx, actor, id, {
				current: 'b',
				next: 'b/created',
				target: 'c',
				timed: { 'b/created': 1, 'b/overdue': 2 }
			}),
			waits: await makeRun(tx, actor, id, { current: 'a' })
		};
		await replaceDocument(tx, actor.orgId, id, edited, actor.userId);
		return { id, runs };
	};
	const statusOf = async (tx: OrgTx, runs: Record<string, string>) => {
		const rows = await tx.execute<{ id: string; status: string; end_reason: string | null }>(
			sql`select id, status, end_reason from enrollments`
		);
		return Object.fromEntries(
			Object.entries(runs).map(([name, id]) => {
				const row = rows.find((one) => one.id === id);
				return [name, row?.end_reason ?? row?.status];
			})
		);
	};

	test('VER-4: the preview counts who is affected, by action; the default stops them', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const { id, runs } = await setUp(tx, actor);
			const preview = await previewPublish(tx, actor, id);
			expect(preview.affected.toSorted((x, y) => (x.actionId < y.actionId ? -1 : 1))).toEqual([
				{ actionId: 'b', title: 'B', count: 1, movable: 1 },
				{ actionId: 'c', title: 'C', count: 1, movable: 1 }
			]);
			expect(preview).toMatchObject({ version: 1, waiting: 1, active: 1, activeLimit: 10 });
			expect(preview.changes.nodes.changed).toMatchObject([{ id: 'b', fields: ['subject'] }]);
			const result = await publishCadence(tx, actor, { cadenceId: id, expectedVersion: 1 });
			expect(result.effect).toEqual({ stopped: 2, moved: 0, kept: 0 });
			expect(await statusOf(tx, runs)).toEqual({
				before: 'follow_up_edited',
				after: 'active',
				late: 'follow_up_edited',
				waits: 'active'
			});
		});
	});

	test('VER-4: keep leaves runs on their version; move takes them to the new one', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const { id, runs } = await setUp(tx, actor);
			const publish = (decisions: PublishInput['decisions']) =>
				publishCadence(tx, actor, { cadenceId: id, expectedVersion: 1, decisions });
			expect((await publish({ b: 'keep', c: 'move' })).effect).toEqual({ stopped: 0, moved: 1, kept: 1 });
			expect(await statusOf(tx, runs)).toMatchObject({ before: 'active', late: 'active' });
			const versions = await tx.execute<{ id: string; n: number }>(
				sql`select e.id, v.n from enrollments e join cadence_versions v on v.id = e.version_id`
			);
			expect(Object.fromEntries(versions.map((row) => [row.id, row.n]))).toMatchObject({
				[runs.before]: 1,
				[runs.late]: 2,
				[runs.waits]: 1
			});
		});
	});

	test('VER-4: a run whose current action went is affected', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const { id, runs } = await setUp(tx, actor);
			const without = draftOf({ b: task('B'), c: task('C') }, [
				['start', 'entry', 'b'],
				['b', 'created', 'c', days(1)],
				['b', 'overdue', 'c', days(2)]
			]);
			await replaceDocument(tx, actor.orgId, id, without, actor.userId);
			await publishCadence(tx, actor, { cadenceId: id, expectedVersion: 1 });
			expect(await statusOf(tx, runs)).toEqual({
				before: 'follow_up_edited',
				after: 'active',
				late: 'active',
				waits: 'follow_up_edited'
			});
		});
	});

	test('VER-5: the preview counts whom publishing would enroll, and knows of those left out by the last answer', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			await makeLead(tx, actor);
			const settings = { viewId: await allLeads(tx) };
			const id = await makeCadence(tx, actor, 'A', oneTask('Look', settings));
			expect(await previewPublish(tx, actor, id)).toMatchObject({ matching: 1, joining: 1, leftOut: false });
			await publishCadence(tx, actor, { ...first(id), includeExisting: false });
			await makeRun(tx, actor, id, { current: 'look' });
			expect(await previewPublish(tx, actor, id)).toMatchObject({ matching: 2, joining: 1, leftOut: true });
			const strict = {
				...settings,
				unenroll: { criteria: { field: 'lastName', op: 'is', value: 'Lovelace' } }
			};
			await replaceDocument(tx, actor.orgId, id, oneTask('Look', strict), actor.userId);
			expect(await previewPublish(tx, actor, id)).toMatchObject({ matching: 2, joining: 0 });
		});
	});

	test('GRA-9: nobody of the audience stays, counted', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			await makeLead(tx, actor);
			await makeLead(tx, actor);
			const settings = {
				viewId: await allLeads(tx),
				unenroll: { criteria: { field: 'lastName', op: 'is', value: 'Lovelace' } }
			};
			const id = await makeCadence(tx, actor, 'A', oneTask('Look', settings));
			const preview = await previewPublish(tx, actor, id);
			expect(preview.matching).toBe(2);
			expect(preview.problems).toMatchObject([
				{
					code: 'audience.nobodyStays',
					severity: 'warning',
					message: expect.stringContaining('All 2 records')
				}
			]);
		});
	});
});
