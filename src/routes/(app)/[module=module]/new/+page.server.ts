import { redirect } from '@sveltejs/kit';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { createRecord } from '#lib/server/records/createRecord.ts';
import { readValues } from '../readValues.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	await locals.withOrg(async () => requireModule(actor, params.module, 'create'));
	return {
		breadcrumb: [
			{ label: module.plural, href: `/${module.key}` },
			{ label: `New ${module.singular.toLowerCase()}` }
		]
	};
};

export const actions: Actions = {
	default: async ({ locals, params, request, url }) => {
		const actor = requireActor(locals);
		let id: string;
		try {
			const values = readValues(await request.formData());
			id = await locals.withOrg((tx) => createRecord(tx, actor, { moduleKey: params.module, values }));
		} catch (error) {
			return failForm(error);
		}
		if (url.searchParams.has('another')) return { created: id };
		redirect(303, `/${params.module}/${id}`);
	}
};
