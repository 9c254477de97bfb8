import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { searchEverywhere } from '#lib/server/records/searchEverywhere.ts';
import type { RequestHandler } from './$types';

/** The command palette: the best few records of every module that the actor may view. */
export const GET: RequestHandler = async ({ locals, url }) => {
	const actor = requireActor(locals);
	const search = (url.searchParams.get('q') ?? '').slice(0, 200);
	const hits = await locals.withOrg((tx) => searchEverywhere(tx, actor, { search }));
	return json(hits.map(({ moduleKey, ...hit }) => ({ ...hit, module: moduleKey })));
};
