import { redirect } from '@sveltejs/kit';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { createImport } from '#lib/server/imports/createImport.ts';
import { listImports } from '#lib/server/imports/listImports.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	return locals.withOrg(async (tx) => {
		requireModule(actor, params.module, 'create');
		return {
			breadcrumb: [{ label: module.plural, href: `/${module.key}` }, { label: 'Import' }],
			imports: await listImports(tx, actor, module.id)
		};
	});
};

export const actions: Actions = {
	default: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		let id: string;
		try {
			const file = (await request.formData()).get('file');
			if (!(file instanceof File) || (file.size === 0 && file.name === ''))
				throw new DomainError('invalid', 'Choose a CSV file first.', '/file');
			if (file.size === 0) throw new DomainError('invalid', `${file.name} is empty.`, '/file');
			const content = new Uint8Array(await file.arrayBuffer());
			const input = { moduleKey: params.module, fileName: file.name, content };
			id = (await locals.withOrg((tx) => createImport(tx, actor, input))).id;
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/${params.module}/import/${id}`);
	}
};
