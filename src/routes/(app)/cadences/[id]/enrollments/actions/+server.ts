import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listPlanActions } from '#lib/server/enrollments/listPlanActions.ts';
import { listSkipTargets } from '#lib/server/enrollments/listSkipTargets.ts';
import type { RequestHandler } from './$types';

/** ENR-8: the actions one can start at; with `enrollment`, those that this one can be sent on to. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const enrollmentId = url.searchParams.get('enrollment');
	return json(
		await locals.withOrg((tx) =>
			enrollmentId ? listSkipTargets(tx, actor, enrollmentId) : listPlanActions(tx, actor, params.id)
		)
	);
};
