import { redirect } from '@sveltejs/kit';
import { completeTask } from '#lib/server/activities/completeTask.ts';
import { deleteActivity } from '#lib/server/activities/deleteActivity.ts';
import { getReview } from '#lib/server/activities/getReview.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	const review = await locals.withOrg((tx) => getReview(tx, actor, params.id));
	return { breadcrumb: [{ label: 'Work', href: '/work' }, { label: 'Review' }], review };
};

export const actions: Actions = {
	send: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => completeTask(tx, actor, { activityId: params.id }));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, '/work');
	},
	discard: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => deleteActivity(tx, actor, { activityId: params.id }));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, '/work');
	}
};
