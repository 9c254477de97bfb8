import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { getSubscription } from '#lib/server/subscription/getSubscription.ts';
import { subscriptionInputSchema, updateSubscription } from '#lib/server/subscription/updateSubscription.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Subscription' }],
		subscription: await locals.withOrg((tx) => getSubscription(tx, actor))
	};
};

export const actions: Actions = {
	default: async ({ locals, request }) => {
		const actor = requireActor(locals);
		try {
			const input = subscriptionInputSchema.parse(Object.fromEntries(await request.formData()));
			await locals.withOrg((tx) => updateSubscription(tx, actor, input));
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	}
};
