import { DomainError } from '../errors.ts';
import type { Actor, ModulePermissions, ProfilePermissions } from './actor.ts';

/** What an operation may ask for. `admin` is PER-4: users, profiles, modules, channels, subscription. */
export type Permission =
	'cadences.view' | 'cadences.manage' | 'cadences.enroll' | 'cadences.unenroll' | 'admin';

export type CadencePermissions = ProfilePermissions['cadences'];

/**
 * PER-1, PER-2: what a profile amounts to. *Manage automation* is all four. MANAGE enrolls and re-enrolls but does
 * not un-enroll; each of MANAGE, ENROLL and UNENROLL implies VIEW.
 */
export function effectivePermissions(profile: ProfilePermissions): CadencePermissions {
	if (profile.manageAutomation) return { view: true, manage: true, enroll: true, unenroll: true };
	const { view, manage, enroll, unenroll } = profile.cadences;
	return { view: view || manage || enroll || unenroll, manage, enroll: enroll || manage, unenroll };
}

type Holder = Pick<Actor, 'permissions'>;

/** PER-2: whether the actor's profile grants `permission`. */
export function can(actor: Holder, permission: Permission): boolean {
	if (permission === 'admin') return actor.permissions.administrator;
	const effective = effectivePermissions(actor.permissions);
	switch (permission) {
		case 'cadences.view':
			return effective.view;
		case 'cadences.manage':
			return effective.manage;
		case 'cadences.enroll':
			return effective.enroll;
		case 'cadences.unenroll':
			return effective.unenroll;
	}
}

const needed: Record<Permission, string> = {
	'cadences.view': 'see cadences (permission VIEW)',
	'cadences.manage': 'create or change cadences (permission MANAGE)',
	'cadences.enroll': 'enroll records in cadences (permission ENROLL or MANAGE)',
	'cadences.unenroll': 'un-enroll records from cadences (permission UNENROLL)',
	admin: 'change the setup of the organization (profile Administrator)'
};

/** PER-5: throws `forbidden` with the permission that is missing and who can grant it. */
export function requirePermission(actor: Holder, permission: Permission): void {
	if (can(actor, permission)) return;
	throw new DomainError(
		'forbidden',
		`Your profile may not ${needed[permission]}. An administrator can change that under Setup > Profiles.`
	);
}

export type ModuleAction = keyof ModulePermissions;

/** PER-3: whether the profile may view, create, edit or delete records of the module with this key. */
export const canInModule = (actor: Holder, moduleKey: string, action: ModuleAction): boolean =>
	(actor.permissions.modules[moduleKey] ?? actor.permissions.defaultModule)[action];

/** PER-3: whether there is any module whose records the profile may change. */
export const mayEditSome = ({ permissions }: Holder): boolean =>
	[permissions.defaultModule, ...Object.values(permissions.modules)].some(({ edit }) => edit);

/** PER-3: throws `forbidden` unless the profile allows `action` on records of the module. */
export function requireModule(actor: Holder, moduleKey: string, action: ModuleAction): void {
	if (canInModule(actor, moduleKey, action)) return;
	throw new DomainError(
		'forbidden',
		`Your profile may not ${action} ${moduleKey}. An administrator can change that under Setup > Profiles.`
	);
}

/**
 * CRM-6: whether the profile may share views of a module, or change shared ones: everybody finds those in their lists.
 * Views of their own are for all who may see the records.
 */
export const canShareViews = (actor: Holder, moduleKey: string): boolean =>
	canInModule(actor, moduleKey, 'edit') || can(actor, 'cadences.manage') || can(actor, 'admin');

/** PER-3: null when every record is visible, else the user whose records are. */
export const visibleOwner = (actor: Pick<Actor, 'permissions' | 'userId'>): string | null =>
	actor.permissions.recordVisibility === 'own' ? actor.userId : null;
