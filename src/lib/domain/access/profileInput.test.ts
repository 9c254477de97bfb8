import { expect, test } from 'vitest';
import type { ProfilePermissions } from './actor.ts';
import { settleCadencePermissions } from './profileInput.ts';

const none: ProfilePermissions = {
	administrator: false,
	manageAutomation: false,
	cadences: { view: false, manage: false, enroll: false, unenroll: false },
	modules: {},
	defaultModule: { view: true, create: false, edit: false, delete: false },
	recordVisibility: 'all'
};

test('PER-1: manage automation ticks all four, and they stay ticked when it is turned off', () => {
	const on = settleCadencePermissions({ ...none, manageAutomation: true });
	expect(Object.values(on.cadences)).toEqual([true, true, true, true]);
	const off = settleCadencePermissions({ ...on, manageAutomation: false });
	expect(Object.values(off.cadences)).toEqual([true, true, true, true]);
	const fewer = settleCadencePermissions({ ...off, cadences: { ...off.cadences, manage: false } });
	expect(fewer.cadences).toEqual({ view: true, manage: false, enroll: true, unenroll: true });
});

test('PER-2: each of manage, enroll and un-enroll implies view', () => {
	for (const key of ['manage', 'enroll', 'unenroll'] as const) {
		const settled = settleCadencePermissions({ ...none, cadences: { ...none.cadences, [key]: true } });
		expect(settled.cadences.view).toBe(true);
	}
	expect(settleCadencePermissions(none).cadences.view).toBe(false);
});
