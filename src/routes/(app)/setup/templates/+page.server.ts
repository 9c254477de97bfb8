import { can } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listTemplates } from '#lib/server/templates/listTemplates.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'E-mail templates' }],
		templates: await locals.withOrg((tx) => listTemplates(tx, actor)),
		canEdit: can(actor, 'cadences.manage')
	};
};
