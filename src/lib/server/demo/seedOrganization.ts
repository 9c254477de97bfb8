import type { Actor, ProfilePermissions } from '#lib/domain/access/actor.ts';
import { defaultCallResults } from '#lib/domain/cadence/responses.ts';
import { defaultBusinessHours } from '#lib/domain/time/calendar.ts';
import { hashPassword } from '../auth/passwords.ts';
import { withOrg, type Db } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { organizations, profiles, users } from '../db/schema/accounts.ts';
import { senders } from '../db/schema/channels.ts';
import { createSystemModules } from '../modules/createSystemModules.ts';
import { demoSignIns } from './signIns.ts';

const all = { view: true, create: true, edit: true, delete: true };
const readOnly = { view: true, create: false, edit: false, delete: false };
const base: ProfilePermissions = {
	administrator: false,
	manageAutomation: false,
	cadences: { view: true, manage: false, enroll: false, unenroll: false },
	modules: {},
	defaultModule: all,
	recordVisibility: 'all'
};
const demoProfiles: Record<string, ProfilePermissions> = {
	Administrator: { ...base, administrator: true, manageAutomation: true },
	Manager: { ...base, cadences: { view: true, manage: true, enroll: true, unenroll: true } },
	Rep: { ...base, cadences: { view: true, manage: false, enroll: true, unenroll: true } },
	Analyst: { ...base, defaultModule: readOnly },
	'View only': { ...base, defaultModule: readOnly }
};

export type DemoPeople = { orgId: string; byProfile: (profile: string) => Actor[] };

/** The organization, its profiles, six users with their sender addresses, and the seven modules. */
export async function seedOrganization(owner: Db): Promise<DemoPeople> {
	const orgId = newId();
	const hashes = await Promise.all(demoSignIns.map((one) => hashPassword(one.password)));
	const profileIds = new Map(Object.keys(demoProfiles).map((name) => [name, newId()]));
	const people = demoSignIns.map(({ name, email, profile }, n) => ({
		profile,
		passwordHash: hashes[n]!,
		actor: {
			orgId,
			userId: newId(),
			name,
			email,
			timeZone: 'Europe/Berlin',
			profileId: profileIds.get(profile)!,
			permissions: demoProfiles[profile]!
		} satisfies Actor
	}));
	await withOrg(owner, orgId, async (tx) => {
		await tx.insert(organizations).values({
			id: orgId,
			name: 'Northwind Learning',
			timeZone: 'Europe/Berlin',
			businessHours: defaultBusinessHours,
			callResults: [...defaultCallResults],
			edition: 'standard',
			mailDomain: 'northwind.example',
			postalAddress: 'Northwind Learning, Lindenstr. 12, 10969 Berlin'
		});
		await tx
			.insert(profiles)
			.values([...profileIds].map(([name, id]) => ({ orgId, id, name, permissions: demoProfiles[name]! })));
		await tx.insert(users).values(
			people.map(({ actor: { userId, name, email, profileId, timeZone }, passwordHash }) => ({
				orgId,
				id: userId,
				name,
				email,
				passwordHash,
				profileId,
				timeZone
			}))
		);
		await tx.insert(senders).values([
			{ orgId, id: newId(), name: 'Northwind Learning', address: 'hello@northwind.example' },
			...people.map(({ actor }) => ({
				orgId,
				id: newId(),
				userId: actor.userId,
				name: actor.name,
				address: actor.email
			}))
		]);
		await createSystemModules(tx, orgId);
	});
	return {
		orgId,
		byProfile: (profile) => people.filter((one) => one.profile === profile).map((one) => one.actor)
	};
}
