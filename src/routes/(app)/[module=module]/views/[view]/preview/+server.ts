import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { previewViewChange } from '#lib/server/views/previewViewChange.ts';
import type { RequestHandler } from './$types';

const body = z.object({ criteria: criteriaSchema });

/** CRM-6: what saving these conditions would do to the cadences that use the view. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const { criteria } = await readBody(request, body);
	return json(await locals.withOrg((tx) => previewViewChange(tx, actor, { viewId: params.view, criteria })));
};
