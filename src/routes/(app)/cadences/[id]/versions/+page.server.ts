import { redirect } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listVersions } from '#lib/server/cadences/listVersions.ts';
import { restoreVersion } from '#lib/server/cadences/restoreVersion.ts';
import { updateCadence } from '#lib/server/cadences/updateCadence.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return { versions: await locals.withOrg((tx) => listVersions(tx, actor, params.id)) };
};

export const actions: Actions = {
	rename: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			await locals.withOrg((tx) =>
				updateCadence(tx, actor, { cadenceId: params.id, name: String(form.get('name')) })
			);
		} catch (error) {
			return failForm(error);
		}
	},
	/** Without a version: the draft is discarded, the live version takes its place. */
	restore: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			await locals.withOrg((tx) =>
				restoreVersion(tx, actor, {
					cadenceId: params.id,
					...(form.has('versionId') && { versionId: String(form.get('versionId')) })
				})
			);
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/cadences/${params.id}/edit`);
	}
};
