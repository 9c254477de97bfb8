import { redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { pickedValues } from '#lib/domain/crm/mergeChoice.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { formJson } from '#lib/server/formJson.ts';
import { getMergeChoice } from '#lib/server/records/getMergeChoice.ts';
import { mergeRecords } from '#lib/server/records/mergeRecords.ts';
import type { Actions, PageServerLoad } from './$types';

const idsOf = (url: URL) => (url.searchParams.get('ids') ?? '').split(',').filter(Boolean);

/** CRM-5: duplicates beside each other, field by field. */
export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	const { records, names, runs } = await locals.withOrg((tx) =>
		getMergeChoice(tx, actor, { moduleKey: params.module, ids: idsOf(url) })
	);
	return {
		breadcrumb: [{ label: module.plural, href: `/${module.key}` }, { label: 'Merge' }],
		records,
		names,
		runs
	};
};

const picksSchema = formJson(z.record(z.string().max(80), z.uuid()));

export const actions: Actions = {
	default: async ({ locals, params, url, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const winnerId = String(form.get('winner') ?? '');
		try {
			await locals.withOrg(async (tx) => {
				const choice = { moduleKey: params.module, ids: idsOf(url) };
				const { module, records } = await getMergeChoice(tx, actor, choice);
				const picks = picksSchema.parse(form.get('picks'));
				await mergeRecords(tx, actor, {
					moduleKey: params.module,
					winnerId,
					loserIds: records.flatMap(({ id }) => (id === winnerId ? [] : [id])),
					values: pickedValues(module, records, winnerId, picks)
				});
			});
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/${params.module}/${winnerId}`);
	}
};
