import { can } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getCadence } from '#lib/server/cadences/getCadence.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, params, depends }) => {
	depends('app:cadence');
	const actor = requireActor(locals);
	const cadence = await locals.withOrg((tx) => getCadence(tx, actor, params.id));
	return {
		cadence,
		breadcrumb: [{ label: 'Cadences', href: '/cadences' }, { label: cadence.name }],
		can: {
			manage: can(actor, 'cadences.manage'),
			enroll: can(actor, 'cadences.enroll'),
			unenroll: can(actor, 'cadences.unenroll')
		}
	};
};
