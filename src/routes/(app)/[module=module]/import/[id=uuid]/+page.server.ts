import { can, canInModule } from '#lib/domain/access/permissions.ts';
import { importMappingSchema } from '#lib/domain/crm/importMapping.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { formJson } from '#lib/server/formJson.ts';
import { cancelImport } from '#lib/server/imports/cancelImport.ts';
import { getImport } from '#lib/server/imports/getImport.ts';
import { listImportErrors } from '#lib/server/imports/listImportErrors.ts';
import { startImport } from '#lib/server/imports/startImport.ts';
import { undoImport } from '#lib/server/imports/undoImport.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent, depends }) => {
	depends('app:import');
	const actor = requireActor(locals);
	const { module } = await parent();
	return locals.withOrg(async (tx) => {
		const found = await getImport(tx, actor, params.id);
		const ended = !['uploaded', 'running', 'undoing'].includes(found.status);
		return {
			breadcrumb: [
				{ label: module.plural, href: `/${module.key}` },
				{ label: 'Import', href: `/${module.key}/import` },
				{ label: found.fileName }
			],
			import: found,
			issues: ended ? await listImportErrors(tx, actor, { importId: params.id, limit: 50 }) : [],
			canAddFields: can(actor, 'admin'),
			canUndo:
				(!found.created || canInModule(actor, module.key, 'delete')) &&
				(!found.updated || canInModule(actor, module.key, 'edit'))
		};
	});
};

export const actions: Actions = {
	start: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		try {
			const text = (await request.formData()).get('mapping');
			const mapping = formJson(importMappingSchema).parse(text);
			await locals.withOrg((tx) => startImport(tx, actor, { importId: params.id, mapping }));
		} catch (error) {
			return failForm(error);
		}
		return { started: true };
	},
	cancel: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => cancelImport(tx, actor, params.id));
		} catch (error) {
			return failForm(error);
		}
		return { cancelled: true };
	},
	undo: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => undoImport(tx, actor, params.id));
		} catch (error) {
			return failForm(error);
		}
		return { undoing: true };
	}
};
