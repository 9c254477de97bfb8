import { sql } from 'drizzle-orm';
import type { ProfilePermissions } from '#lib/domain/access/actor.ts';
import { defaultBusinessHours } from '#lib/domain/time/calendar.ts';
import { hashPassword } from '../auth/passwords.ts';
import { createDb } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { organizations, profiles, users } from '../db/schema/accounts.ts';
import { createSystemModules } from '../modules/createSystemModules.ts';
import { demoSignIns } from './signIns.ts';

const allowed = { view: true, create: true, edit: true, delete: true };
const readOnly = { view: true, create: false, edit: false, delete: false };
const none = { view: true, manage: false, enroll: false, unenroll: false };
const base: ProfilePermissions = {
	administrator: false,
	manageAutomation: false,
	cadences: none,
	modules: {},
	defaultModule: allowed,
	recordVisibility: 'all'
};
const demoProfiles: Record<string, ProfilePermissions> = {
	Administrator: { ...base, administrator: true, manageAutomation: true },
	Manager: { ...base, cadences: { view: true, manage: true, enroll: true, unenroll: true } },
	Rep: { ...base, cadences: { view: true, manage: false, enroll: true, unenroll: true } },
	Analyst: { ...base, defaultModule: readOnly },
	'View only': { ...base, defaultModule: readOnly }
};

/** Fills an empty database with the demo organization, as the owner of the tables. */
export async function seedDemo(ownerUrl: string): Promise<void> {
	const db = createDb(ownerUrl, { name: 'cadenza-demo', max: 1 });
	try {
		const hashes = new Map(
			await Promise.all(
				demoSignIns.map(async (one) => [one.email, await hashPassword(one.password)] as const)
			)
		);
		await db.transaction(async (tx) => {
			const orgId = newId();
			await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
			await tx.insert(organizations).values({
				id: orgId,
				name: 'Northwind Learning',
				timeZone: 'Europe/Berlin',
				businessHours: defaultBusinessHours,
				callResults: [
					'Interested',
					'Not interested',
					'No response',
					'Busy',
					'Requested more info',
					'Requested call back',
					'Invalid number'
				],
				edition: 'standard',
				mailDomain: 'northwind.example',
				postalAddress: 'Northwind Learning, Lindenstr. 12, 10969 Berlin'
			});
			const ids = new Map(Object.keys(demoProfiles).map((name) => [name, newId()]));
			await tx.insert(profiles).values(
				Object.entries(demoProfiles).map(([name, permissions]) => ({
					orgId,
					id: ids.get(name)!,
					name,
					permissions
				}))
			);
			await tx.insert(users).values(
				demoSignIns.map(({ name, email, profile }) => ({
					orgId,
					id: newId(),
					name,
					email,
					passwordHash: hashes.get(email)!,
					profileId: ids.get(profile)!,
					timeZone: 'Europe/Berlin'
				}))
			);
			await createSystemModules(tx, orgId);
		});
	} finally {
		await db.$client.end();
	}
}
