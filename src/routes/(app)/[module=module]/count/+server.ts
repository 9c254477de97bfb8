import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { countCriteria } from '#lib/server/views/countCriteria.ts';
import type { RequestHandler } from './$types';

const body = z.object({ criteria: criteriaSchema, audience: z.boolean().default(false) });

/** CRM-6: how many records match what is being typed; null when counting took too long. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	const count = await locals.withOrg((tx) =>
		countCriteria(tx, actor, { ...input, moduleKey: params.module })
	);
	return json({ count });
};
