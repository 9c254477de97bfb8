import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { deleteRecords } from '#lib/server/records/deleteRecords.ts';
import { resolveSelection } from '#lib/server/records/resolveSelection.ts';
import { restoreRecords } from '#lib/server/records/restoreRecords.ts';
import { selectionSchema } from '../selectionSchema.ts';
import type { RequestHandler } from './$types';

const body = z.discriminatedUnion('action', [
	z.object({ action: z.literal('delete'), selection: selectionSchema }),
	z.object({ action: z.literal('restore'), ids: z.array(z.uuid()).min(1).max(10_000) })
]);

/** CRM-4: deletes what is selected, or takes it back. Answers with the ids it changed. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	const moduleKey = params.module;
	const ids = await locals.withOrg(async (tx) => {
		if (input.action === 'restore') return restoreRecords(tx, actor, { moduleKey, ids: input.ids });
		const selected = await resolveSelection(tx, actor, { moduleKey, selection: input.selection });
		return deleteRecords(tx, actor, { moduleKey, ids: selected });
	});
	return json({ count: ids.length, ids: ids.slice(0, 10_000) });
};
