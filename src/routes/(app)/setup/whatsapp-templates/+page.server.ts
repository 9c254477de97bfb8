import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listWhatsappTemplates } from '#lib/server/templates/listWhatsappTemplates.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'WhatsApp templates' }],
		templates: await locals.withOrg((tx) => listWhatsappTemplates(tx, actor))
	};
};
