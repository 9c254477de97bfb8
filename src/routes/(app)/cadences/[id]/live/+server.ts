import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getLiveFigures } from '#lib/server/reports/getLiveFigures.ts';
import type { RequestHandler } from './$types';

/** COL-5: what an open canvas asks every few seconds while its figures are shown. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return json(await locals.withOrg((tx) => getLiveFigures(tx, actor, params.id)));
};
