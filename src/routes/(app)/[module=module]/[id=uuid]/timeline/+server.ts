import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getTimeline } from '#lib/server/records/getTimeline.ts';
import type { RequestHandler } from './$types';

/** Older entries of the timeline. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const cursor = url.searchParams.get('cursor');
	return json(await locals.withOrg((tx) => getTimeline(tx, actor, { recordId: params.id, cursor })));
};
