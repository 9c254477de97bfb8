import { json } from '@sveltejs/kit';
import { publishSchema } from '#lib/domain/cadence/publish.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { previewPublish } from '#lib/server/cadences/previewPublish.ts';
import { publishCadence } from '#lib/server/cadences/publishCadence.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

/** What publishing would do, for the publish dialog. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return json(await locals.withOrg((tx) => previewPublish(tx, actor, params.id)));
};

const inputSchema = publishSchema.omit({ cadenceId: true });

export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, inputSchema);
	const { n, state, warnings } = await locals.withOrg((tx) =>
		publishCadence(tx, actor, { ...input, cadenceId: params.id })
	);
	return json({ n, state, warnings });
};
