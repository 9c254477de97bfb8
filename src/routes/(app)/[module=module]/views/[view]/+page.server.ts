import { redirect } from '@sveltejs/kit';
import { canShareViews } from '#lib/domain/access/permissions.ts';
import { everything, type Criteria } from '#lib/domain/criteria/criteria.ts';
import { findField } from '#lib/domain/crm/fields.ts';
import { standardColumnsOf } from '#lib/domain/crm/systemModules.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { formJson } from '#lib/server/formJson.ts';
import { viewContentSchema } from '#lib/server/views/checkView.ts';
import { createView } from '#lib/server/views/createView.ts';
import { deleteView } from '#lib/server/views/deleteView.ts';
import { getView } from '#lib/server/views/getView.ts';
import { updateView } from '#lib/server/views/updateView.ts';
import { viewUsers } from '#lib/server/views/viewUsers.ts';
import { readListAddress } from '../../listAddress.ts';
import type { Actions, PageServerLoad } from './$types';

/** A filter on top of a view becomes one criteria: both must hold. */
const both = (first: Criteria, second: Criteria | null): Criteria => {
	if (!second) return first;
	return 'all' in first && first.all.length === 0 ? second : { all: [first, second] };
};

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	const isNew = params.view === 'new';
	const from = isNew ? url.searchParams.get('from') : params.view;
	const { filter } = readListAddress(url.searchParams);
	const canShare = canShareViews(actor, module.key);
	return locals.withOrg(async (tx) => {
		const source = from ? await getView(tx, actor, from) : null;
		const content = {
			name: isNew ? '' : (source?.name ?? ''),
			criteria: both(source?.criteria ?? everything, filter),
			columns: (source?.columns ?? standardColumnsOf(module.key)).filter((key) => findField(module, key)),
			sort:
				source && findField(module, source.sort.field)
					? source.sort
					: ({ field: 'createdAt', direction: 'desc' } as const),
			shared: isNew ? canShare : (source?.shared ?? canShare)
		};
		return {
			breadcrumb: [
				{ label: module.plural, href: `/${module.key}` },
				{ label: isNew ? 'New view' : content.name }
			],
			viewId: isNew ? null : params.view,
			content,
			canShare,
			cadences: isNew ? [] : await viewUsers(tx, params.view)
		};
	});
};

export const actions: Actions = {
	save: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		let id = params.view;
		try {
			const text = (await request.formData()).get('view');
			const content = formJson(viewContentSchema).parse(text);
			await locals.withOrg(async (tx) => {
				if (params.view === 'new')
					id = (await createView(tx, actor, { ...content, moduleKey: params.module })).id;
				else await updateView(tx, actor, { ...content, viewId: params.view });
			});
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/${params.module}?view=${id}`);
	},
	delete: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => deleteView(tx, actor, params.view));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/${params.module}`);
	}
};
