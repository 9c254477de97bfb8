import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { eraserSchema, findEraser } from '#lib/server/collab/findEraser.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

/** COL-2: who deleted what was open on a canvas. A POST like its neighbors; nothing is written. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, eraserSchema);
	return json(await locals.withOrg((tx) => findEraser(tx, actor, params.id, input)));
};
