import { withOrg } from '../../src/lib/server/db/client.ts';
import { getLiveFigures } from '../../src/lib/server/reports/getLiveFigures.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, days, exit, makeLeads, makeWorld, planOf, start, task } from '../support/engineWorld.ts';

test('COL-5: where runs of the live version stand, what was executed, and who reached the goal', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([
		task('look', [
			branch('look', { response: 'created' }, 'won', undefined, { rank: 1 }),
			branch('look', { response: 'overdue' }, 'later', days(1))
		]),
		task('later'),
		exit('won', true)
	]);
	const waits = planOf([task('look', [branch('look', { response: 'overdue' }, 'later')]), task('later')]);
	const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
	const ids = await makeLeads(db, world, [{}, {}, { ownerId: other.userId }]);
	const won = await start(db, world, plan, ids);
	const waiting = await start(db, world, waits, ids);
	await withOrg(db.web, world.orgId, async (tx) => {
		const figures = await getLiveFigures(tx, world.actor, won);
		expect(figures).toMatchObject({ version: 1, active: true, enrolled: 3, starting: 0 });
		expect(figures.nodes['look']).toMatchObject({ waiting: 0, executed: 3, converted: 3 });
		expect(figures.nodes['later']).toMatchObject({ executed: 0, converted: 0, responses: [] });
		expect(figures.nodes['won']?.ended).toBe(3);
		const still = await getLiveFigures(tx, world.actor, waiting);
		expect(still.nodes['look']).toMatchObject({ waiting: 3, executed: 3, converted: null });
		// PER-3: who sees own records only counts those.
		expect((await getLiveFigures(tx, other, waiting)).nodes['look']).toMatchObject({
			waiting: 1,
			executed: 1
		});
		// CAD-3: figures stay; what is switched off is not called live, also not for as long as they are kept.
		await deactivateCadence(tx, world.actor, { cadenceId: won });
		expect(await getLiveFigures(tx, world.actor, won)).toEqual({ ...figures, active: false });
	});
});

test('COL-5, PER-5: nothing was ever published; nobody without the permission; none that is not there', async ({
	db
}) => {
	const world = await makeWorld(db);
	const blind = await makeUser(db, world.orgId, {
		...rep,
		cadences: { view: false, manage: false, enroll: false, unenroll: false }
	});
	await withOrg(db.web, world.orgId, async (tx) => {
		const { id } = await createCadence(tx, world.actor, {
			name: 'Draft',
			moduleKey: 'leads',
			enrollment: { kind: 'manual' }
		});
		expect(await getLiveFigures(tx, world.actor, id)).toEqual({
			version: null,
			active: false,
			starting: 0,
			enrolled: 0,
			nodes: {}
		});
		await expect(getLiveFigures(tx, blind, id)).rejects.toMatchObject({ code: 'forbidden' });
		await expect(getLiveFigures(tx, world.actor, newId())).rejects.toMatchObject({ code: 'not_found' });
	});
});
