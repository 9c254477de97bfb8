import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { fieldValue } from '#lib/domain/crm/fieldValue.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import { readBody } from '#lib/server/readBody.ts';
import { namesOf } from '#lib/server/records/namesOf.ts';
import { updateRecord } from '#lib/server/records/updateRecord.ts';
import type { RequestHandler } from './$types';

const body = z.object({
	id: z.uuid(),
	field: z.string().max(80),
	value: z.union([
		z.string().max(32_000),
		z.number(),
		z.boolean(),
		z.array(z.string().max(1000)).max(200),
		z.null()
	]),
	/** Of the row as it was shown: a change by somebody else in between is a conflict. */
	modifiedAt: z.iso.datetime()
});

/** CRM-7: one value, changed in the list or by moving a card of the board. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const { id, field, value, modifiedAt } = await readBody(request, body);
	const answer = await locals.withOrg(async (tx) => {
		const record = await updateRecord(tx, actor, {
			recordId: id,
			moduleKey: params.module,
			values: { [field]: value },
			modifiedAt
		});
		const names = await namesOf(tx, await getModule(tx, params.module), [record]);
		return { record, names };
	});
	const { name, modifiedAt: now } = answer.record;
	return json({
		name,
		modifiedAt: now.toISOString(),
		value: fieldValue(answer.record, field),
		names: answer.names
	});
};
