import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { recordChangeSchema } from '#lib/server/records/changeRecords.ts';
import { changeSelection } from '#lib/server/records/changeSelection.ts';
import { restoreRecords } from '#lib/server/records/restoreRecords.ts';
import { selectionSchema } from '../selectionSchema.ts';
import type { RequestHandler } from './$types';

const body = z.discriminatedUnion('action', [
	z.object({ action: z.literal('change'), selection: selectionSchema, change: recordChangeSchema }),
	z.object({ action: z.literal('restore'), ids: z.array(z.uuid()).min(1).max(10_000) })
]);

/**
 * CRM-4: changes or deletes what is selected, or takes a deletion back. Answers with the ids it changed, or for many with
 * the work to follow.
 */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	const moduleKey = params.module;
	const done = await locals.withOrg(async (tx) =>
		input.action === 'restore'
			? { ids: await restoreRecords(tx, actor, { moduleKey, ids: input.ids }), taskId: null }
			: changeSelection(tx, actor, { moduleKey, selection: input.selection, change: input.change })
	);
	return json(
		done.taskId === null
			? { count: done.ids.length, ids: done.ids.slice(0, 10_000), taskId: null }
			: { count: done.total, ids: [], taskId: done.taskId }
	);
};
