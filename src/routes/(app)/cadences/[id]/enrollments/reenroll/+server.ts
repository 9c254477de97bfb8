import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { endReasons, enrollmentStatuses } from '#lib/domain/enrollment/state.ts';
import { isId } from '#lib/domain/ids.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { noCadence } from '#lib/server/cadences/getCadence.ts';
import { previewReenroll } from '#lib/server/enrollments/previewReenroll.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

const body = z.union([
	z.object({ enrollmentIds: z.array(z.uuid()).min(1).max(100_000) }),
	z.object({
		all: z.literal(true),
		status: z.enum(enrollmentStatuses).nullable(),
		reason: z.enum(endReasons).nullable()
	})
]);

/** REE-2: how many of the chosen records can resume, how many only restart, and how many neither. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	if (!isId(params.id)) throw noCadence();
	const chosen = await readBody(request, body);
	const runs = 'all' in chosen ? { ...chosen, cadenceId: params.id } : chosen;
	return json(await locals.withOrg((tx) => previewReenroll(tx, actor, runs)));
};
