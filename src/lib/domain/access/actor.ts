/** PER-1..PER-4: what a profile allows. Stored as JSON in profiles.permissions. */
export type ModulePermissions = { view: boolean; create: boolean; edit: boolean; delete: boolean };

export type ProfilePermissions = {
	administrator: boolean;
	/** PER-1: switches the four cadence permissions on, read-only in the table. */
	manageAutomation: boolean;
	cadences: { view: boolean; manage: boolean; enroll: boolean; unenroll: boolean };
	/** By module key; a module that is not listed follows `defaultModule`. */
	modules: Record<string, ModulePermissions>;
	defaultModule: ModulePermissions;
	/** PER-3. */
	recordVisibility: 'all' | 'own';
};

/** Who acts: always a signed-in user of one organization, read fresh for each request. */
export type Actor = {
	orgId: string;
	userId: string;
	name: string;
	email: string;
	timeZone: string;
	profileId: string;
	permissions: ProfilePermissions;
};
