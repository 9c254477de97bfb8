import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { getOperations } from '../../src/lib/server/operations/getOperations.ts';
import { expect, test } from '../support/db.ts';
import {
	branch,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	start,
	task
} from '../support/engineWorld.ts';

test('UNE-4, REE-4, ENR-8: what ends is set aside no more, and goes on when it is resumed', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')]);
	const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}, {}]));
	const [unenrolled, failed] = (await runsOf(db, cadenceId)).map((run) => run.id);
	const as = <T>(work: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, world.orgId, work);
	const respond = async (enrollmentId: string, kind: 'overdue' | 'failed') => {
		const of = { orgId: world.orgId, enrollmentId, runNo: 1, actionId: 'a' };
		await recordResponses(db.worker, [{ ...of, kind }]);
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
