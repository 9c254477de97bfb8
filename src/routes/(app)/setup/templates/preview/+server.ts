import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { previewTemplate } from '#lib/server/templates/previewTemplate.ts';
import type { RequestHandler } from './$types';

const body = z.object({
	recordId: z.uuid('Choose a record to fill the template with.'),
	subject: z.string().max(250),
	html: z.string().max(64 * 1024)
});

/** CHA-1: the text filled in from one record; the page shows it in a sandboxed frame. */
export const POST: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	return json(await locals.withOrg((tx) => previewTemplate(tx, actor, input)));
};
