import { z } from 'zod';
import type { ProfilePermissions } from './actor.ts';
import { nameText } from '../visibleText.ts';

const moduleActions = z.object({
	view: z.boolean(),
	create: z.boolean(),
	edit: z.boolean(),
	delete: z.boolean()
});

const permissionsSchema = z.object({
	administrator: z.boolean(),
	manageAutomation: z.boolean(),
	cadences: z.object({
		view: z.boolean(),
		manage: z.boolean(),
		enroll: z.boolean(),
		unenroll: z.boolean()
	}),
	modules: z.record(z.string().max(60), moduleActions),
	defaultModule: moduleActions,
	recordVisibility: z.enum(['all', 'own'])
});

/** What Setup > Profiles saves. */
export const profileInputSchema = z.object({
	name: nameText('Give the profile a name.').max(80),
	permissions: permissionsSchema
});
export type ProfileInput = z.infer<typeof profileInputSchema>;

/**
 * PER-1, PER-2: the form in which permissions are kept. *Manage automation* ticks all four, so that they stay
 * ticked when it is turned off later; every other cadence permission ticks VIEW.
 */
export function settleCadencePermissions(permissions: ProfilePermissions): ProfilePermissions {
	const { manageAutomation, cadences } = permissions;
	if (manageAutomation)
		return { ...permissions, cadences: { view: true, manage: true, enroll: true, unenroll: true } };
	const view = cadences.view || cadences.manage || cadences.enroll || cadences.unenroll;
	return { ...permissions, cadences: { ...cadences, view } };
}
