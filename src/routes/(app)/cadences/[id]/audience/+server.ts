import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { audienceSchema, countDraftAudience } from '#lib/server/cadences/countDraftAudience.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

/** GRA-9: counts for the open canvas; a POST because criteria travel. Nothing is written. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, audienceSchema);
	return json(await locals.withOrg((tx) => countDraftAudience(tx, actor, params.id, input)));
};
