import { z } from 'zod';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { hashPassword } from '#lib/server/auth/passwords.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { listProfiles } from '#lib/server/profiles/listProfiles.ts';
import { createUser, userInputSchema } from '#lib/server/users/createUser.ts';
import { listUsers } from '#lib/server/users/listUsers.ts';
import { updateUser, userChangeSchema } from '#lib/server/users/updateUser.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => {
		requirePermission(actor, 'admin');
		return {
			breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Users' }],
			users: await listUsers(tx, actor),
			profiles: (await listProfiles(tx, actor)).map(({ id, name }) => ({ id, name })),
			timeZones: Intl.supportedValuesOf('timeZone')
		};
	});
};

const changeForm = userChangeSchema.extend({
	active: z.enum(['true', 'false']).transform((text) => text === 'true')
});

export const actions: Actions = {
	create: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const input = userInputSchema.parse(Object.fromEntries(await request.formData()));
			const hash = await hashPassword(input.password);
			await locals.withOrg((tx) => createUser(tx, actor, input, hash));
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	},
	update: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const change = changeForm.parse(Object.fromEntries(await request.formData()));
			await locals.withOrg((tx) => updateUser(tx, actor, change));
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	}
};
