import { json } from '@sveltejs/kit';
import { importMappingSchema } from '#lib/domain/crm/importMapping.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { previewImport } from '#lib/server/imports/previewImport.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

/** CRM-4: the first rows as this mapping would store them. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const mapping = await readBody(request, importMappingSchema);
	return json(
		await locals.withOrg((tx) => previewImport(tx, actor, { importId: params.id, mapping, limit: 10 }))
	);
};
