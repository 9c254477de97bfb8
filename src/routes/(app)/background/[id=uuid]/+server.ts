import { json } from '@sveltejs/kit';
import { taskSummary } from '#lib/domain/enrollment/taskSummary.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getBackgroundTask } from '#lib/server/shell/getBackgroundTask.ts';
import type { RequestHandler } from './$types';

/** Progress of long work, for the dialog that started it. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const actor = requireActor(locals);
	const { result, ...task } = await locals.withOrg((tx) => getBackgroundTask(tx, actor, params.id));
	return json({ ...task, summary: taskSummary(result) });
};
