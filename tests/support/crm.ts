import { sql } from 'drizzle-orm';
import type { Actor, ProfilePermissions } from '../../src/lib/domain/access/actor.ts';
import { defaultBusinessHours } from '../../src/lib/domain/time/calendar.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { organizations, profiles, users } from '../../src/lib/server/db/schema/accounts.ts';
import { createSystemModules } from '../../src/lib/server/modules/createSystemModules.ts';
import type { TestDatabase } from './db.ts';

const everything = { view: true, create: true, edit: true, delete: true };
export const administrator: ProfilePermissions = {
	administrator: true,
	manageAutomation: true,
	cadences: { view: true, manage: true, enroll: true, unenroll: true },
	modules: {},
	defaultModule: everything,
	recordVisibility: 'all'
};
export const rep: ProfilePermissions = {
	...administrator,
	administrator: false,
	manageAutomation: false,
	cadences: { view: true, manage: false, enroll: true, unenroll: true },
	recordVisibility: 'own'
};

/** An organization with its seven modules and one administrator. */
export async function makeOrg(db: TestDatabase, options: { timeZone?: string } = {}): Promise<Actor> {
	const orgId = newId();
	await db.admin.insert(organizations).values({
		id: orgId,
		name: `Org ${orgId.slice(-6)}`,
		timeZone: options.timeZone ?? 'UTC',
		businessHours: defaultBusinessHours,
		callResults: ['Interested', 'Busy'],
		mailDomain: 'mail.example'
	});
	await withOrg(db.owner, orgId, (tx) => createSystemModules(tx, orgId));
	return makeUser(db, orgId, administrator);
}

/** A user with a profile of their own. */
export async function makeUser(
	db: TestDatabase,
	orgId: string,
	permissions: ProfilePermissions,
	name = 'Ada Admin'
): Promise<Actor> {
	const userId = newId();
	const profileId = newId();
	const email = `${userId}@users.example`;
	await db.admin.insert(profiles).values({ orgId, id: profileId, name: `Profile ${profileId}`, permissions });
	await db.admin.insert(users).values({ orgId, id: userId, email, name, passwordHash: '-', profileId });
	return { orgId, userId, name, email, timeZone: 'UTC', profileId, permissions };
}

/** Moves the one clock of the database; tests that do so put it back. */
export async function shiftClock(db: TestDatabase, interval: string): Promise<void> {
	await db.admin.execute(sql`update app.clock set shift = ${interval}::interval`);
}
