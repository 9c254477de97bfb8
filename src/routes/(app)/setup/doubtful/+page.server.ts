import { can } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listDoubtful } from '#lib/server/channels/listDoubtful.ts';
import { assumeSent, sendAgain } from '#lib/server/channels/resolveDoubtful.ts';
import { failForm } from '#lib/server/failForm.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Doubtful sends' }],
		messages: await locals.withOrg((tx) => listDoubtful(tx, actor)),
		canResolve: can(actor, 'cadences.manage')
	};
};

export const actions: Actions = {
	default: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const messageId = String(form.get('id') ?? '');
		const resolve = form.get('decision') === 'again' ? sendAgain : assumeSent;
		try {
			await locals.withOrg((tx) => resolve(tx, actor, { messageId }));
		} catch (error) {
			return failForm(error);
		}
		return { saved: true };
	}
};
