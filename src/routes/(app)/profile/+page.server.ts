import {
	changePassword,
	ownProfileSchema,
	passwordChangeSchema,
	updateOwnProfile
} from '#lib/server/users/updateOwnProfile.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = () => ({
	breadcrumb: [{ label: 'My profile' }],
	timeZones: Intl.supportedValuesOf('timeZone')
});

export const actions: Actions = {
	profile: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const input = ownProfileSchema.parse(Object.fromEntries(await request.formData()));
			await updateOwnProfile(getWebDb(), actor, input);
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'Profile saved.' };
	},
	password: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const input = passwordChangeSchema.parse(Object.fromEntries(await request.formData()));
			await changePassword(getWebDb(), actor, locals.session?.id ?? '', input);
		} catch (error) {
			return failForm(error);
		}
		return { saved: 'Password changed. Other browsers are signed out.' };
	}
};
