import { redirect } from '@sveltejs/kit';
import { can } from '#lib/domain/access/permissions.ts';
import { emailTemplateSchema } from '#lib/domain/mergeFields/template.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { createTemplate } from '#lib/server/templates/createTemplate.ts';
import { listSenders } from '#lib/server/senders/listSenders.ts';
import { deleteTemplate } from '#lib/server/templates/deleteTemplate.ts';
import { getTemplate } from '#lib/server/templates/getTemplate.ts';
import { updateTemplate } from '#lib/server/templates/updateTemplate.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => {
		const modules = await listModules(tx);
		const found = params.id === 'new' ? null : await getTemplate(tx, actor, params.id);
		return {
			breadcrumb: [
				{ label: 'Setup', href: '/setup' },
				{ label: 'E-mail templates', href: '/setup/templates' },
				{ label: found?.name ?? 'New template' }
			],
			modules,
			template: {
				id: found?.id ?? null,
				name: found?.name ?? '',
				moduleKey: found
					? (modules.find(({ id }) => id === found.moduleId)?.key ?? null)
					: (modules[0]?.key ?? null),
				subject: found?.subject ?? '',
				html: found?.html ?? '<p></p>',
				version: found?.version ?? 0
			},
			senders: await listSenders(tx, actor),
			canEdit: can(actor, 'cadences.manage')
		};
	});
};

export const actions: Actions = {
	delete: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => deleteTemplate(tx, actor, params.id));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, '/setup/templates');
	},
	save: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		let { id } = params;
		try {
			const form = await request.formData();
			const text = (name: string) => String(form.get(name) ?? '');
			const input = emailTemplateSchema.parse({
				name: text('name'),
				moduleKey: text('moduleKey') || null,
				subject: text('subject'),
				html: text('html')
			});
			await locals.withOrg(async (tx) => {
				if (params.id === 'new') id = (await createTemplate(tx, actor, input)).id;
				else
					await updateTemplate(tx, actor, params.id, { ...input, expectedVersion: Number(text('version')) });
			});
		} catch (error) {
			return failForm(error);
		}
		if (params.id === 'new') redirect(303, `/setup/templates/${id}`);
		return { saved: true };
	}
};
