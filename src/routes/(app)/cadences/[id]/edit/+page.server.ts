import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getCanvas } from '#lib/server/cadences/getCanvas.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, depends }) => {
	depends('app:canvas');
	const actor = requireActor(locals);
	return { canvas: await locals.withOrg((tx) => getCanvas(tx, actor, params.id)) };
};
