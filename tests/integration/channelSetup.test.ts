import { sql } from 'drizzle-orm';
import { findOrgRelay } from '../../src/lib/server/channels/email/relay.ts';
import { removeRelay, saveRelay } from '../../src/lib/server/channels/email/saveRelay.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { getChannelSetup } from '../../src/lib/server/senders/getChannelSetup.ts';
import { removeSender } from '../../src/lib/server/senders/removeSender.ts';
import { updateSender } from '../../src/lib/server/senders/updateSender.ts';
import { deleteTemplate } from '../../src/lib/server/templates/deleteTemplate.ts';
import { listTemplates } from '../../src/lib/server/templates/listTemplates.ts';
import { useConfig } from '../support/config.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { email, makeCadence, makeWorld, planOf } from '../support/engineWorld.ts';

const relay = {
	host: '127.0.0.1',
	port: 587,
	security: 'starttls',
	username: 'mailer',
	password: 'hush'
} as const;

test('CHA-1: the relay password is sealed, asked for at every change, and never sent unencrypted', async ({
	db
}) => {
	const { actor, orgId } = await makeWorld(db);
	await saveRelay(db.web, actor, relay);
	const [row] = await db.admin.execute<{ password_sealed: string }>(
		sql`select password_sealed from email_relays where org_id = ${orgId}`
	);
	expect(row?.password_sealed).not.toContain('hush');
	const stored = await withOrg(db.web, orgId, (tx) => findOrgRelay(tx, orgId));
	expect(stored).toMatchObject({ host: '127.0.0.1', auth: { user: 'mailer', password: 'hush' } });
	const shown = await withOrg(db.web, orgId, (tx) => getChannelSetup(tx, actor));
	expect(JSON.stringify(shown.relay)).not.toContain('assword');

	await expect(saveRelay(db.web, actor, { ...relay, host: '127.0.0.2', password: '' })).rejects.toThrow(
		'Type the password'
	);
	await expect(saveRelay(db.web, actor, { ...relay, security: 'none' })).rejects.toThrow('encrypted');
	expect(await withOrg(db.web, orgId, (tx) => findOrgRelay(tx, orgId))).toMatchObject({ host: '127.0.0.1' });
	await removeRelay(db.web, actor);
	expect(await withOrg(db.web, orgId, (tx) => findOrgRelay(tx, orgId))).toBeNull();
});

test('CHA-1, PER-4: a relay inside the network is refused, and only administrators choose one', async ({
	db
}) => {
	const { actor, orgId } = await makeWorld(db);
	const tom = await makeUser(db, orgId, rep, 'Tom Rep');
	await expect(saveRelay(db.web, tom, relay)).rejects.toMatchObject({ code: 'forbidden' });
	useConfig(db.urls, { ALLOW_PRIVATE_HOSTS: 'false' });
	try {
		for (const host of ['127.0.0.1', '10.1.2.3', '169.254.169.254'])
			await expect(saveRelay(db.web, actor, { ...relay, host })).rejects.toMatchObject({
				code: 'invalid',
				pointer: '/host'
			});
	} finally {
		useConfig(db.urls);
	}
});

test('CHA-1: senders are renamed, paused, resumed; what a live cadence needs is neither removed nor deleted', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { actor, orgId, senderId, templateId } = world;
	const as = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, orgId, fn);
	const sender = async () => (await as((tx) => getChannelSetup(tx, actor))).senders[0];
	await as((tx) => updateSender(tx, actor, { senderId, name: 'News', status: 'paused' }));
	expect(await sender()).toMatchObject({ name: 'News', status: 'paused' });
	await as((tx) => updateSender(tx, actor, { senderId, status: 'active' }));
	expect(await sender()).toMatchObject({ name: 'News', status: 'active', pausedReason: null });

	const plan = planOf([email('a', [], { templateId, sender: { kind: 'sender', senderId } })]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const named = { code: 'in_use', message: expect.stringContaining(`Cadence ${cadenceId}`) as string };
	await expect(as((tx) => removeSender(tx, actor, senderId))).rejects.toMatchObject(named);
	await expect(as((tx) => deleteTemplate(tx, actor, templateId))).rejects.toMatchObject(named);

	await db.admin.execute(
		sql`update cadences set active_version_id = null, state = 'draft' where id = ${cadenceId}`
	);
	await as((tx) => removeSender(tx, actor, senderId));
	await as((tx) => deleteTemplate(tx, actor, templateId));
	expect(await sender()).toBeUndefined();
	expect(await as((tx) => listTemplates(tx, actor))).toEqual([]);
});
