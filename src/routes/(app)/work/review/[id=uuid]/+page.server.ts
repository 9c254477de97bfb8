import { redirect } from '@sveltejs/kit';
import { editReviewed } from '#lib/server/activities/editReviewed.ts';
import { completeTask } from '#lib/server/activities/completeTask.ts';
import { deleteActivity } from '#lib/server/activities/deleteActivity.ts';
import { getReview } from '#lib/server/activities/getReview.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	const { review, modules } = await locals.withOrg(async (tx) => ({
		review: await getReview(tx, actor, params.id),
		modules: await listModules(tx)
	}));
	return {
		breadcrumb: [{ label: 'Work', href: '/work' }, { label: 'Review' }],
		review,
		module: modules.find(({ key }) => key === review.moduleKey)
	};
};

export const actions: Actions = {
	save: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const text = (name: string) => String(form.get(name) ?? '');
		try {
			await locals.withOrg((tx) =>
				editReviewed(tx, actor, { activityId: params.id, subject: text('subject'), html: text('html') })
			);
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	},
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
