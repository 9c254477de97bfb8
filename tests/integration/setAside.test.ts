import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { startEngine } from '../../src/lib/server/engine/loop.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { getOperations } from '../../src/lib/server/operations/getOperations.ts';
import { expect, test } from '../support/db.ts';
import {
	branch,
	enroll,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	start,
	task
} from '../support/engineWorld.ts';

const overdue = (orgId: string, enrollmentId: string) => ({
	orgId,
	enrollmentId,
	runNo: 1,
	actionId: 'a',
	kind: 'overdue' as const
});
const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')]);

test('UNE-4, REE-4, ENR-8: what ends is set aside no more, and goes on when it is resumed', async ({
	db
}) => {
	const world = await makeWorld(db);
	const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}, {}]));
	const [unenrolled, failed] = (await runsOf(db, cadenceId)).map((run) => run.id);
	const as = <T>(work: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, world.orgId, work);
	const respond = async (enrollmentId: string, kind: 'overdue' | 'failed') => {
		await recordResponses(db.worker, [{ ...overdue(world.orgId, enrollmentId), kind }]);
		await runEngine(db);
	};
	await db.admin.execute(sql`
		update enrollments set quarantined_at = app.now(), quarantine_reason = 'It made a pass fail.' where cadence_id = ${cadenceId}`);
	const sentence = await as((tx) => explainEnrollment(tx, world.actor, unenrolled!));
	expect(sentence).toContain('It made a pass fail. An administrator can try it again under Operations');

	await as((tx) => unenrollRecords(tx, world.actor, { target: { enrollmentIds: [unenrolled!] } }));
	await respond(failed!, 'failed');
	expect((await runsOf(db, cadenceId)).map((run) => [run.status, run.quarantine_reason])).toEqual([
		['stopped', null],
		['failed', null]
	]);
	expect((await as((tx) => getOperations(tx, world.actor))).setAside).toEqual([]);

	await as((tx) => resumeEnrollments(tx, world.actor, { enrollmentIds: [unenrolled!] }));
	await respond(unenrolled!, 'overdue');
	expect((await runsOf(db, cadenceId))[0]).toMatchObject({ status: 'completed', follow_up: 1 });
});

test('E16 short: a run whose next instant no calendar has is set aside alone with its response', async ({
	db
}) => {
	const world = await makeWorld(db);
	const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}, {}, {}]));
	const ids = (await runsOf(db, cadenceId)).map((run) => run.id);
	// As nothing writes it: far beyond what can be told as a date.
	await db.admin.execute(sql`
		update enrollments set race = jsonb_set(race, '{timed}', '{"a/overdue": 9e15}') where id = ${ids[1]}::uuid`);
	await recordResponses(
		db.worker,
		ids.map((id) => ({ ...overdue(world.orgId, id), kind: 'status', parameter: 'In progress' }))
	);
	await runEngine(db);
	await recordResponses(db.worker, [overdue(world.orgId, ids[0]!), overdue(world.orgId, ids[2]!)]);
	await runEngine(db);
	expect((await runsOf(db, cadenceId)).map((run) => [run.status, run.quarantine_reason])).toEqual([
		['completed', null],
		['active', expect.stringContaining('Invalid time')],
		['completed', null]
	]);
});

test('E16 short: while no response can be taken, runs that have none go on', async ({ db }) => {
	const world = await makeWorld(db);
	const ids = await makeLeads(db, world, [{}, {}]);
	const cadenceId = await start(db, world, plan, ids.slice(0, 1));
	const [waiting] = await runsOf(db, cadenceId);
	// No fault of a row: it is as if the table were out of reach.
	await db.admin.execute(sql`
		create function stuck() returns trigger language plpgsql as $$ begin raise 'out of reach' using errcode = 'XX000'; end $$`);
	await db.admin.execute(
		sql`create trigger stuck before delete on responses for each row execute function stuck()`
	);
	const errors: unknown[] = [];
	const engine = startEngine(db.worker, {
		log: { error: (...args: unknown[]) => void errors.push(args) },
		lanes: 1
	});
	try {
		await recordResponses(db.worker, [overdue(world.orgId, waiting!.id)]);
		await enroll(db, world, cadenceId, ids.slice(1));
		engine.wake();
		await expect
			.poll(async () => (await runsOf(db, cadenceId)).map((run) => run.current_action_id))
			.toEqual(['a', 'a']);
		expect(errors.length).toBeGreaterThan(0);
		await db.admin.execute(sql`drop function stuck() cascade`);
		engine.wake();
		await expect
			.poll(async () => (await runsOf(db, cadenceId)).map((run) => run.status).toSorted())
			.toEqual(['active', 'completed']);
	} finally {
		await engine.stop();
	}
});
