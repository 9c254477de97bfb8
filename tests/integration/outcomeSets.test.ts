import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { makeChannelWorld, queue, responsesTo, storedMessage } from '../support/channelWorld.ts';
import { createSettlements } from '../../src/lib/server/channels/settleMessages.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startFaultySmtp } from '../support/faultySmtp.ts';

const plan = planOf([email('first')]);

test('EXE-10, EXE-11: an answer that cannot be stored as it is spoils no outcome, neither its own nor its neighbours', async ({
	db
}) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(db, plan);
		const queued = await queue(
			db,
			world,
			'first',
			Array.from({ length: 12 }, (_, i) => ({ to: `one${i}@odd.example` }))
		);
		relay.setFault('one0@odd.example', { at: 'dot', how: { reply: '550 5.1.1 no such\0 user' } });
		// Cut in the middle of a character when it is shortened.
		const long = Buffer.from(`554 5.6.0 ${'x'.repeat(289)}\u{1f600}`).toString('latin1');
		relay.setFault('one1@odd.example', { at: 'dot', how: { reply: long } });
		await sendMessages(db.worker, 'email');
		const [nul, cut, ...others] = queued;
		expect((await storedMessage(db, nul!.messageId)).error_text).toBe('550 5.1.1 no such user');
		expect(await responsesTo(db, nul!.enrollmentId)).toEqual(['bounced/hard address_bounced']);
		expect((await storedMessage(db, cut!.messageId)).status).toBe('failed');
		for (const one of others) expect((await storedMessage(db, one.messageId)).status).toBe('sent');
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('EXE-10: an outcome that the database refuses keeps no other of its set from being written', async ({
	db
}) => {
	useConfig(db.urls);
	const world = await makeChannelWorld(db, plan);
	const queued = await queue(
		db,
		world,
		'first',
		Array.from({ length: 5 }, (_, i) => ({ to: `set${i}@odd.example` }))
	);
	const { messages } = await claimMessages(db.worker, 'email', 5);
	const settlements = createSettlements(db.worker, { soon: () => undefined });
	await Promise.all(
		messages.map((message, i) =>
			settlements.add({
				message,
				from: 'claimed',
				kind: 'failed',
				reason: 'provider_refused',
				code: 'test',
				text: i === 2 ? 'not \0 storable' : 'refused'
			})
		)
	);
	const found = await Promise.all(queued.map(({ messageId }) => storedMessage(db, messageId)));
	expect(found.filter(({ status }) => status === 'failed')).toHaveLength(4);
	expect(found.find(({ id }) => id === messages[2]!.id)).toMatchObject({ status: 'claimed' });
});
