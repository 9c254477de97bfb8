import { listModules } from '#lib/server/modules/listModules.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => ({
	breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Modules' }],
	modules: await locals.withOrg((tx) => listModules(tx))
});
