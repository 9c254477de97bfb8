import { fail, redirect } from '@sveltejs/kit';
import type { ProfilePermissions } from '#lib/domain/access/actor.ts';
import { profileInputSchema } from '#lib/domain/access/profileInput.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { formJson } from '#lib/server/formJson.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { createProfile } from '#lib/server/profiles/createProfile.ts';
import { listProfiles } from '#lib/server/profiles/listProfiles.ts';
import { updateProfile } from '#lib/server/profiles/updateProfile.ts';
import type { Actions, PageServerLoad } from './$types';

const blank: ProfilePermissions = {
	administrator: false,
	manageAutomation: false,
	cadences: { view: true, manage: false, enroll: false, unenroll: false },
	modules: {},
	defaultModule: { view: true, create: true, edit: true, delete: false },
	recordVisibility: 'all'
};

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => {
		const modules = await listModules(tx);
		const profile =
			params.id === 'new'
				? { id: null, name: '', permissions: blank, users: 0 }
				: (await listProfiles(tx, actor)).find(({ id }) => id === params.id);
		if (!profile) throw new DomainError('not_found', 'This profile does not exist.');
		return {
			breadcrumb: [
				{ label: 'Setup', href: '/setup' },
				{ label: 'Profiles', href: '/setup/profiles' },
				{ label: profile.name || 'New profile' }
			],
			profile,
			modules: modules.map(({ key, plural }) => ({ key, plural }))
		};
	});
};

export const actions: Actions = {
	default: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const parsed = formJson(profileInputSchema).safeParse(form.get('profile'));
		if (!parsed.success)
			return fail(422, { message: parsed.error.issues[0]?.message ?? 'The profile is not valid.' });
		let id = params.id;
		try {
			await locals.withOrg(async (tx) => {
				if (params.id === 'new') id = await createProfile(tx, actor, parsed.data);
				else await updateProfile(tx, actor, params.id, parsed.data);
			});
		} catch (error) {
			return failForm(error);
		}
		if (params.id === 'new') redirect(303, `/setup/profiles/${id}`);
		return { saved: true };
	}
};
