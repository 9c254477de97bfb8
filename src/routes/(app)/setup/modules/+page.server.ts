import { redirect } from '@sveltejs/kit';
import { can } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { createModule } from '#lib/server/modules/createModule.ts';
import { listDeletedModules } from '#lib/server/modules/listDeletedModules.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { restoreModule } from '#lib/server/modules/restoreModule.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Setup', href: '/setup' }, { label: 'Modules' }],
		modules: await listModules(tx),
		deleted: can(actor, 'admin') ? await listDeletedModules(tx) : [],
		canEdit: can(actor, 'admin')
	}));
};

export const actions: Actions = {
	create: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const names = { singular: String(form.get('singular') ?? ''), plural: String(form.get('plural') ?? '') };
		let key: string;
		try {
			({ key } = await locals.withOrg((tx) => createModule(tx, actor, names)));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/setup/modules/${key}`);
	},
	restore: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const key = String((await request.formData()).get('key') ?? '');
		try {
			await locals.withOrg((tx) => restoreModule(tx, actor, key));
		} catch (error) {
			return failForm(error);
		}
		return { restored: key };
	}
};
