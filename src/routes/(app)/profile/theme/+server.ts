import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { setTheme, themeSchema } from '#lib/server/users/setTheme.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

const body = z.object({ theme: themeSchema });

export const PUT: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const { theme } = await readBody(request, body);
	await locals.withOrg((tx) => setTheme(tx, actor, theme));
	return new Response(null, { status: 204 });
};
