import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listProfiles } from '#lib/server/profiles/listProfiles.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return {
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Profiles' }],
		profiles: await locals.withOrg((tx) => listProfiles(tx, actor))
	};
};
