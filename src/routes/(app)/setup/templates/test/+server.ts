import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { sendTestMail } from '#lib/server/channels/email/sendTestMail.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

const body = z.object({
	templateId: z.uuid('Choose a template.'),
	recordId: z.uuid('Choose a record to fill the template with.'),
	senderId: z.uuid('Choose a sender.'),
	to: z.string().max(254)
});

/** CHA-1: the saved text, filled in from one record, to one address. */
export const POST: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	await sendTestMail(getWebDb(), actor, await readBody(request, body));
	return json({ sent: true });
};
