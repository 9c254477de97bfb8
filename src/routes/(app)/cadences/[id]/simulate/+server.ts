import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { simulateCadence } from '#lib/server/simulator/simulateCadence.ts';
import { simulateSchema } from '#lib/server/simulator/simulateInput.ts';
import type { RequestHandler } from './$types';

/** VER-7: what the simulator on the canvas plays. A POST because made-up values travel; nothing is written. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, simulateSchema);
	return json(await locals.withOrg((tx) => simulateCadence(tx, actor, params.id, input)));
};
