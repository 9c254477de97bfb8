import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { listNotifications } from '../../src/lib/server/notifications/listNotifications.ts';
import { markNotificationsRead } from '../../src/lib/server/notifications/markNotificationsRead.ts';
import { createProfile } from '../../src/lib/server/profiles/createProfile.ts';
import { listProfiles } from '../../src/lib/server/profiles/listProfiles.ts';
import { updateProfile } from '../../src/lib/server/profiles/updateProfile.ts';
import { getShell } from '../../src/lib/server/shell/getShell.ts';
import { listRecentRecords } from '../../src/lib/server/shell/listRecentRecords.ts';
import { getSubscription } from '../../src/lib/server/subscription/getSubscription.ts';
import { updateSubscription } from '../../src/lib/server/subscription/updateSubscription.ts';
import { createUser } from '../../src/lib/server/users/createUser.ts';
import { listUsers } from '../../src/lib/server/users/listUsers.ts';
import { updateUser } from '../../src/lib/server/users/updateUser.ts';
import { administrator, makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const as = <T>(db: TestDatabase, actor: Actor, fn: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, actor.orgId, fn);

test('PER-4: of two administrators who give one name at once, the second is told', async ({ db }) => {
	const ada = await makeOrg(db);
	const both = await Promise.allSettled(
		['Closers', 'closers'].map((name) =>
			as(db, ada, (tx) => createProfile(tx, ada, { name, permissions: rep }))
		)
	);
	expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
	expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
		reason: { code: 'conflict', pointer: '/name' }
	});
});

test('PER-4: only administrators change profiles and users, and one always stays', async ({ db }) => {
	const ada = await makeOrg(db);
	const tom = await makeUser(db, ada.orgId, rep, 'Tom Rep');
	const plain = { name: 'Analyst', permissions: { ...rep, administrator: false } };
	await expect(as(db, tom, (tx) => createProfile(tx, tom, plain))).rejects.toMatchObject({
		code: 'forbidden'
	});
	const id = await as(db, ada, (tx) => createProfile(tx, ada, plain));
	const again = { ...plain, name: plain.name.toUpperCase() };
	await expect(as(db, ada, (tx) => createProfile(tx, ada, again))).rejects.toMatchObject({
		code: 'conflict'
	});
	await expect(as(db, ada, (tx) => updateProfile(tx, ada, ada.profileId, again))).rejects.toMatchObject({
		code: 'conflict'
	});
	expect((await as(db, tom, (tx) => listProfiles(tx, tom))).map((profile) => profile.id)).toContain(id);

	const lessened = { name: 'No longer', permissions: { ...administrator, administrator: false } };
	await expect(as(db, ada, (tx) => updateProfile(tx, ada, ada.profileId, lessened))).rejects.toMatchObject({
		code: 'conflict'
	});
	const change = { userId: ada.userId, name: 'Ada', profileId: id, timeZone: 'UTC', active: true };
	await expect(as(db, ada, (tx) => updateUser(tx, ada, change))).rejects.toMatchObject({ code: 'conflict' });

	await as(db, ada, (tx) => updateUser(tx, ada, { ...change, userId: tom.userId, profileId: ada.profileId }));
	await as(db, ada, (tx) => updateUser(tx, ada, change));
	const people = await as(db, ada, (tx) => listUsers(tx, ada));
	expect(people.find((user) => user.id === ada.userId)?.profileName).toBe('Analyst');
});

test('PER-1: manage automation is stored with all four ticked, and raises the epoch of its people', async ({
	db
}) => {
	const ada = await makeOrg(db);
	const tom = await makeUser(db, ada.orgId, rep, 'Tom Rep');
	const none = { view: false, manage: false, enroll: false, unenroll: false };
	const input = { name: 'Automation', permissions: { ...rep, manageAutomation: true, cadences: none } };
	await as(db, ada, (tx) => updateProfile(tx, ada, tom.profileId, input));
	const [profile] = (await as(db, ada, (tx) => listProfiles(tx, ada))).filter(
		({ id }) => id === tom.profileId
	);
	expect(Object.values(profile!.permissions.cadences)).toEqual([true, true, true, true]);
	expect(profile!.users).toBe(1);
	const [row] = await db.admin.execute(sql`select epoch from users where id = ${tom.userId}::uuid`);
	expect(Number(row?.['epoch'])).toBeGreaterThan(0);
});

test('PER-4: an address signs in once, and somebody switched off loses the sessions', async ({ db }) => {
	const ada = await makeOrg(db);
	const input = {
		name: 'Eve',
		email: `Eve-${newId()}@x.example`,
		profileId: ada.profileId,
		timeZone: 'UTC',
		password: 'long enough'
	};
	const userId = await as(db, ada, (tx) => createUser(tx, ada, input, 'hash'));
	await expect(as(db, ada, (tx) => createUser(tx, ada, input, 'hash'))).rejects.toMatchObject({
		pointer: '/email'
	});
	await db.admin.execute(sql`insert into sessions (id, org_id, user_id, expires_at)
		values (${`s-${userId}`}, ${ada.orgId}::uuid, ${userId}::uuid, now() + interval '1 day')`);
	const off = { userId, name: 'Eve', profileId: ada.profileId, timeZone: 'UTC', active: false };
	await as(db, ada, (tx) => updateUser(tx, ada, off));
	const left = await db.admin.execute(sql`select id from sessions where user_id = ${userId}::uuid`);
	expect(left).toHaveLength(0);
});

test('LIM-2: add-ons raise both limits, and no edition takes more than active 70 allows', async ({ db }) => {
	const ada = await makeOrg(db);
	await as(db, ada, (tx) => updateSubscription(tx, ada, { edition: 'standard', addOns: 20 }));
	const use = await as(db, ada, (tx) => getSubscription(tx, ada));
	expect(use.limits).toMatchObject({ created: 40, active: 30 });
	expect(use.usage).toHaveLength(7);
	await expect(
		as(db, ada, (tx) => updateSubscription(tx, ada, { edition: 'ultimate', addOns: 21 }))
	).rejects.toMatchObject({ code: 'invalid', pointer: '/addOns' });
});

test('PER-3: shell and home show only modules that may be viewed, and own records', async ({ db }) => {
	const ada = await makeOrg(db);
	const hidden = { view: false, create: false, edit: false, delete: false };
	const tom = await makeUser(db, ada.orgId, { ...rep, modules: { deals: hidden } }, 'Tom Rep');
	const shell = await as(db, tom, (tx) => getShell(tx, tom));
	expect(shell.modules.map(({ key }) => key)).not.toContain('deals');
	expect(shell.modules).toHaveLength(6);
	await as(db, ada, (tx) => createRecords(tx, ada, { moduleKey: 'leads', rows: [{ lastName: 'Of Ada' }] }));
	await as(db, tom, (tx) => createRecords(tx, tom, { moduleKey: 'leads', rows: [{ lastName: 'Of Tom' }] }));
	const recent = await as(db, tom, (tx) => listRecentRecords(tx, tom));
	expect(recent.map(({ name }) => name)).toEqual(['Of Tom']);
});

test('CRM-9: notices are read one by one or all at once, each person their own', async ({ db }) => {
	const ada = await makeOrg(db);
	const tom = await makeUser(db, ada.orgId, rep, 'Tom Rep');
	for (const userId of [ada.userId, ada.userId, tom.userId])
		await db.admin.execute(sql`insert into notifications (org_id, id, user_id, kind, title)
			values (${ada.orgId}::uuid, ${newId()}::uuid, ${userId}::uuid, 'reply', 'A reply')`);
	const mine = await as(db, ada, (tx) => listNotifications(tx, ada));
	expect(mine).toHaveLength(2);
	expect(await as(db, ada, (tx) => markNotificationsRead(tx, ada, mine[0]!.id))).toBe(1);
	expect(await as(db, ada, (tx) => markNotificationsRead(tx, ada, null))).toBe(0);
	expect((await as(db, tom, (tx) => getShell(tx, tom))).unread).toBe(1);
});

test('PER-1: a profile with Manage automation is read with all four permissions ticked', async ({ db }) => {
	const ada = await makeOrg(db);
	const cadences = { view: true, manage: false, enroll: false, unenroll: false };
	await makeUser(db, ada.orgId, { ...rep, manageAutomation: true, cadences }, 'Max Manager');
	const found = await as(db, ada, (tx) => listProfiles(tx, ada));
	expect(found).toHaveLength(2);
	for (const { permissions } of found)
		expect(permissions.cadences).toEqual({ view: true, manage: true, enroll: true, unenroll: true });
});
