import { sql } from 'drizzle-orm';
import { recordMessageResponse, findMessage } from '../../src/lib/server/inbox/messageResponses.ts';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { createSettlements } from '../../src/lib/server/channels/settleMessages.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { makeChannelWorld, queue, responsesTo, type ChannelWorld } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';

/** Two messages that are being handed over; of the first an answer has come in already. */
async function underWay(db: TestDatabase) {
	useConfig(db.urls);
	const world = await makeChannelWorld(db, planOf([email('first')]));
	const queued = await queue(db, world, 'first', [{ to: 'a@early.example' }, { to: 'b@early.example' }]);
	const { messages } = await claimMessages(db.worker, 'email', 2);
	await db.admin.execute(sql`update messages set status = 'sending' where org_id = ${world.orgId}`);
	const [answered, silent] = queued;
	await withOrg(db.web, world.orgId, async (tx) => {
		const message = await findMessage(tx, world.orgId, answered!.messageId);
		await recordMessageResponse(tx, message!, { kind: 'replied' });
	});
	return { world, messages, answered: answered!, silent: silent! };
}
const listed = async (db: TestDatabase, { orgId, actor }: ChannelWorld) =>
	(await withOrg(db.web, orgId, (tx) => listDoubtful(tx, actor))).map((row) => row.id);
const resolutionOf = async (db: TestDatabase, id: string) => {
	const [row] = await db.admin.execute(sql`select status, resolution from messages where id = ${id}`);
	return { ...row };
};

test('EXE-10: what came back before the answer was lost leaves no doubt', async ({ db }) => {
	const { world, messages, answered, silent } = await underWay(db);
	const settlements = createSettlements(db.worker, { soon: () => undefined });
	await Promise.all(
		messages.map((message) =>
			settlements.add({ message, from: 'sending', kind: 'doubtful', text: 'No answer in time.' })
		)
	);
	expect(await listed(db, world)).toEqual([silent.messageId]);
	expect(await resolutionOf(db, answered.messageId)).toEqual({ status: 'sent', resolution: 'evidence' });
	expect(await responsesTo(db, answered.enrollmentId)).toEqual(['replied', 'sent']);
});

test('EXE-10: nor before the process ended that waited for the answer', async ({ db }) => {
	const { world, answered, silent } = await underWay(db);
	await db.admin.execute(
		sql`update messages set lease_until = clock_timestamp() - interval '1 second' where org_id = ${world.orgId}`
	);
	expect(await sweepMessages(db.worker)).toMatchObject({ doubtful: 1 });
	expect(await listed(db, world)).toEqual([silent.messageId]);
	expect(await resolutionOf(db, answered.messageId)).toEqual({ status: 'sent', resolution: 'evidence' });
	expect(await responsesTo(db, answered.enrollmentId)).toEqual(['replied', 'sent']);
	const notices = await db.admin.execute(sql`select title from notifications where org_id = ${world.orgId}`);
	expect(notices).toHaveLength(1);
});
