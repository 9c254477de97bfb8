import { withOrg } from '../../src/lib/server/db/client.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, makeLeads, makeWorld, planOf, runsOf, start, task } from '../support/engineWorld.ts';

test('ENR-8: whether the end of a pause lies ahead is said by the clock that ends it', async ({ db }) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')]);
	const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}]));
	const [run] = await runsOf(db, cadenceId);
	const pauseFor = (days: number) =>
		withOrg(db.web, world.orgId, (tx) =>
			pauseEnrollments(tx, world.actor, {
				enrollmentIds: [run!.id],
				until: new Date(Date.now() + days * 86_400_000).toISOString()
			})
		);
	try {
		await shiftClock(db, '2 days');
		await expect(pauseFor(1)).rejects.toMatchObject({ code: 'invalid', pointer: '/until' });
		await expect(pauseFor(4000)).rejects.toMatchObject({ code: 'invalid' });
		expect(await pauseFor(3)).toEqual({ kind: 'done', paused: 1 });
		await shiftClock(db, '-2 days');
		expect(await pauseFor(-1)).toMatchObject({ kind: 'done' });
	} finally {
		await shiftClock(db, '0');
	}
});
