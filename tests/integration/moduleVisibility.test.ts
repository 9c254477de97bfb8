import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { listEnrollments } from '../../src/lib/server/enrollments/listEnrollments.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { drillDown } from '../../src/lib/server/reports/drillDown.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, days, makeCadence, makeLeads, makeWorld, planOf, task } from '../support/engineWorld.ts';

const nothing = { view: false, create: false, edit: false, delete: false };

test('PER-3: who may see cadences but not the module sees none of its records through a cadence', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b', days(2))]), task('b')]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(db, world, [{}]);
	const { orgId } = world.actor;
	const run = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, orgId, work);
	await run((tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	const { rows } = await run((tx) => listEnrollments(tx, world.actor, { cadenceId }));
	const enrollmentIds = rows.map((row) => row.id);
	expect(enrollmentIds).toHaveLength(1);

	const permissions = { ...rep, recordVisibility: 'all' as const, modules: { leads: nothing } };
	const outsider = await makeUser(db, orgId, permissions);
	const forbidden = { code: 'forbidden' };
	await expect(run((tx) => listEnrollments(tx, outsider, { cadenceId }))).rejects.toMatchObject(forbidden);
	await expect(
		run((tx) => drillDown(tx, outsider, { filter: { cadenceId }, kind: 'enrolled' }))
	).rejects.toMatchObject(forbidden);
	await expect(run((tx) => explainEnrollment(tx, outsider, enrollmentIds[0]!))).rejects.toMatchObject(
		forbidden
	);
	expect(await run((tx) => pauseEnrollments(tx, outsider, { enrollmentIds }))).toEqual({
		kind: 'done',
		paused: 0
	});
	expect(await run((tx) => unenrollRecords(tx, outsider, { target: { enrollmentIds } }))).toEqual({
		kind: 'done',
		unenrolled: 0
	});
	await expect(run((tx) => explainEnrollment(tx, world.actor, 'no id'))).rejects.toMatchObject({
		code: 'not_found'
	});
});
