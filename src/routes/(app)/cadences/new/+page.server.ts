import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { can, canInModule } from '#lib/domain/access/permissions.ts';
import type { CreateCadence } from '#lib/domain/cadence/cadence.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { createCadence } from '#lib/server/cadences/createCadence.ts';
import { failForm } from '#lib/server/failForm.ts';
import { getUsage } from '#lib/server/limits/getUsage.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { listViews } from '#lib/server/views/listViews.ts';
import { usesCurrentUser } from '#lib/domain/criteria/usesCurrentUser.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	const actor = requireActor(locals);
	if (!can(actor, 'cadences.manage'))
		error(403, { message: 'Your profile may not create cadences (permission MANAGE).' });
	return locals.withOrg(async (tx) => {
		const modules = (await listModules(tx)).filter(({ key }) => canInModule(actor, key, 'view'));
		const wanted = url.searchParams.get('module');
		const module = modules.find(({ key }) => key === wanted) ?? modules[0];
		const views = module ? await listViews(tx, actor, module.key) : [];
		return {
			breadcrumb: [{ label: 'Cadences', href: '/cadences' }, { label: 'New cadence' }],
			modules: modules.map(({ key, plural }) => ({ key, plural })),
			moduleKey: module?.key ?? '',
			viewId: url.searchParams.get('view'),
			views: views.map(({ id, name, shared, criteria }) => ({
				id,
				name,
				shared,
				usesCurrentUser: usesCurrentUser(criteria)
			})),
			usage: await getUsage(tx, actor)
		};
	});
};

const formSchema = z.object({
	name: z.string(),
	description: z.string().default(''),
	moduleKey: z.string(),
	kind: z.enum(['manual', 'view']),
	viewId: z.string().default('')
});

export const actions: Actions = {
	default: async ({ locals, request }) => {
		const actor = requireActor(locals);
		let id: string;
		try {
			const form = formSchema.parse(Object.fromEntries(await request.formData()));
			const input: CreateCadence = {
				name: form.name,
				description: form.description,
				moduleKey: form.moduleKey,
				enrollment: form.kind === 'view' ? { kind: 'view', viewId: form.viewId } : { kind: 'manual' }
			};
			({ id } = await locals.withOrg((tx) => createCadence(tx, actor, input)));
		} catch (problem) {
			return failForm(problem);
		}
		redirect(303, `/cadences/${id}/edit`);
	}
};
