import { afterAll } from 'vitest';
import { previewPublish } from '../../src/lib/server/cadences/previewPublish.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { getUsage } from '../../src/lib/server/limits/getUsage.ts';
import { getSubscription } from '../../src/lib/server/subscription/getSubscription.ts';
import { makeCadence } from '../support/cadences.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { draftOf, task } from '../support/draftOf.ts';
import { email, planOf } from '../support/engineWorld.ts';

afterAll(() => setConfig(undefined));

const settings = { EMAILS_PER_DAY_STANDARD: '3', ACTIONS_PER_CADENCE_STANDARD: '1' };

test('LIM-4: actions per cadence are what the deployment sets for the edition', async ({ db }) => {
	const actor = await makeOrg(db);
	await withOrg(db.web, actor.orgId, async (tx) => {
		const two = draftOf({ one: task('One'), two: task('Two') }, [
			['start', 'entry', 'one'],
			['one', 'created', 'two']
		]);
		const cadenceId = await makeCadence(tx, actor, 'Two tasks', two);
		useConfig(db.urls, settings);
		expect((await getUsage(tx, actor)).limits).toMatchObject({ actions: 1, emailsPerDay: 3, created: 20 });
		expect(await getSubscription(tx, actor)).toMatchObject({
			limits: { actions: 1, emailsPerDay: 3 },
			settings: { standard: { actions: 1 }, ultimate: { actions: 100, emailsPerDay: 5_000 } }
		});
		const publish = () => publishCadence(tx, actor, { cadenceId, expectedVersion: null });
		expect((await previewPublish(tx, actor, cadenceId)).problems.map((problem) => problem.message)).toEqual([
			expect.stringContaining('Standard edition allows 1.')
		]);
		await expect(publish()).rejects.toMatchObject({ code: 'invalid' });
		useConfig(db.urls);
		expect(await publish()).toMatchObject({ n: 1 });
	});
});

test('LIM-4: e-mails per day are what the deployment sets for the edition', async ({ db }) => {
	useConfig(db.urls, settings);
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const people = Array.from({ length: 5 }, (_, i) => ({ to: `p${i}@people.example` }));
	await queue(db, world, 'first', people);
	const claim = await claimMessages(db.worker, 'email');
	expect(claim.messages).toHaveLength(3);
});
