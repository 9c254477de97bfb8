import { redirect } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { compareDrafts, stateRefSchema } from '#lib/server/cadences/compareDrafts.ts';
import { getCanvas } from '#lib/server/cadences/getCanvas.ts';
import { listVersions } from '#lib/server/cadences/listVersions.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const from = stateRefSchema.safeParse(url.searchParams.get('from'));
	const to = stateRefSchema.safeParse(url.searchParams.get('to'));
	if (!from.success || !to.success) redirect(303, `/cadences/${params.id}/versions`);
	return locals.withOrg(async (tx) => ({
		comparison: await compareDrafts(tx, actor, { cadenceId: params.id, from: from.data, to: to.data }),
		versions: (await listVersions(tx, actor, params.id)).map(({ n }) => n),
		canvas: await getCanvas(tx, actor, params.id)
	}));
};
