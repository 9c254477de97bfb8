import { z } from 'zod';
import { cadenceColumnsSchema } from '#lib/domain/crm/cadenceColumns.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { setCadenceColumns } from '#lib/server/users/setCadenceColumns.ts';
import type { RequestHandler } from './$types';

const body = z.object({ columns: cadenceColumnsSchema.nullable() });

/** CRM-8: what the Cadences related list shows this person, and in which order. */
export const PUT: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const { columns } = await readBody(request, body);
	await locals.withOrg((tx) => setCadenceColumns(tx, actor, columns));
	return new Response(null, { status: 204 });
};
