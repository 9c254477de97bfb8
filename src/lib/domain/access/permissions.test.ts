import { describe, expect, test } from 'vitest';
import type { ProfilePermissions } from './actor.ts';
import { editions, limitsOf, maxAddOns, type Subscription } from './editions.ts';
import { can, canInModule, effectivePermissions, requirePermission, visibleOwner } from './permissions.ts';

const none: ProfilePermissions = {
	administrator: false,
	manageAutomation: false,
	cadences: { view: false, manage: false, enroll: false, unenroll: false },
	modules: { deals: { view: true, create: false, edit: false, delete: false } },
	defaultModule: { view: true, create: true, edit: true, delete: false },
	recordVisibility: 'all'
};
const holds = (cadences: Partial<ProfilePermissions['cadences']>, manageAutomation = false) => ({
	...none,
	manageAutomation,
	cadences: { ...none.cadences, ...cadences }
});

describe('permissions', () => {
	test.each([
		['nothing', holds({}), '----'],
		['VIEW', holds({ view: true }), 'v---'],
		['MANAGE', holds({ manage: true }), 'vme-'],
		['ENROLL', holds({ enroll: true }), 'v-e-'],
		['UNENROLL', holds({ unenroll: true }), 'v--u'],
		['ENROLL and UNENROLL', holds({ enroll: true, unenroll: true }), 'v-eu'],
		['MANAGE and UNENROLL', holds({ manage: true, unenroll: true }), 'vmeu'],
		['Manage automation', holds({}, true), 'vmeu']
	])('PER-2: %s amounts to %s', (_name, profile, expected) => {
		const { view, manage, enroll, unenroll } = effectivePermissions(profile);
		const shown = [view && 'v', manage && 'm', enroll && 'e', unenroll && 'u']
			.map((part) => part || '-')
			.join('');
		expect(shown).toBe(expected);
		const actor = { permissions: profile };
		expect([
			can(actor, 'cadences.view'),
			can(actor, 'cadences.manage'),
			can(actor, 'cadences.enroll'),
			can(actor, 'cadences.unenroll')
		]).toEqual([view, manage, enroll, unenroll]);
	});

	test('PER-1: switching Manage automation off leaves what was ticked', () => {
		const ticked = holds({ view: true, manage: true, enroll: true, unenroll: true }, true);
		expect(effectivePermissions({ ...ticked, manageAutomation: false })).toEqual(ticked.cadences);
	});

	test('PER-4: administrating is apart from cadences', () => {
		const actor = { permissions: { ...none, administrator: true } };
		expect(can(actor, 'admin')).toBe(true);
		expect(can(actor, 'cadences.view')).toBe(false);
		expect(can({ permissions: holds({}, true) }, 'admin')).toBe(false);
	});

	test('PER-5: a missing permission is an error that says which', () => {
		const actor = { permissions: holds({ manage: true }) };
		expect(() => requirePermission(actor, 'cadences.unenroll')).toThrow('UNENROLL');
		expect(() => requirePermission(actor, 'cadences.enroll')).not.toThrow();
	});

	test('PER-3: module permissions fall back to the default; visibility is all or own', () => {
		const actor = { permissions: none, userId: 'u' };
		expect([canInModule(actor, 'deals', 'edit'), canInModule(actor, 'leads', 'edit')]).toEqual([false, true]);
		expect(visibleOwner(actor)).toBe(null);
		expect(visibleOwner({ ...actor, permissions: { ...none, recordVisibility: 'own' } })).toBe('u');
	});
});

describe('editions', () => {
	const subscription = { addOns: 0, actionsPerCadence: null, emailsPerDay: null } as const;

	test.each([
		['standard', 20, 10, 60],
		['professional', 40, 20, 50],
		['enterprise', 60, 30, 40],
		['ultimate', 70, 50, 20]
	] as const)(
		'LIM-1: %s has %i created, %i active and takes %i add-ons',
		(edition, created, active, addOns) => {
			expect(limitsOf({ ...subscription, edition }, editions)).toMatchObject({ created, active });
			expect(maxAddOns(edition)).toBe(addOns);
			expect(limitsOf({ ...subscription, edition, addOns: addOns + 50 }, editions).active).toBe(70);
		}
	);

	test('LIM-2: Standard and 20 add-ons: 40 created, 30 active', () => {
		expect(limitsOf({ ...subscription, edition: 'standard', addOns: 20 }, editions)).toMatchObject({
			created: 40,
			active: 30
		});
	});

	test('LIM-4: the deployment sets actions and e-mails per day by edition, an organization may have figures of its own', () => {
		const settings = { ...editions, ultimate: { actions: 300, emailsPerDay: 90_000 } };
		const figures = (own: Partial<Subscription>) => {
			const { actions, emailsPerDay } = limitsOf({ ...subscription, edition: 'ultimate', ...own }, settings);
			return [actions, emailsPerDay];
		};
		expect(figures({})).toEqual([300, 90_000]);
		expect(figures({ edition: 'standard' })).toEqual([30, 500]);
		expect(figures({ actionsPerCadence: 5 })).toEqual([5, 90_000]);
		expect(figures({ emailsPerDay: 7 })).toEqual([300, 7]);
	});
});
