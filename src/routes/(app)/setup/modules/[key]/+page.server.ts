import { redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { can } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { failForm } from '#lib/server/failForm.ts';
import { formJson } from '#lib/server/formJson.ts';
import { createField, newFieldSchema } from '#lib/server/modules/createField.ts';
import { deleteField } from '#lib/server/modules/deleteField.ts';
import { deleteModule } from '#lib/server/modules/deleteModule.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import { listDeletedFields } from '#lib/server/modules/listDeletedFields.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { restoreField } from '#lib/server/modules/restoreField.ts';
import { updateField } from '#lib/server/modules/updateField.ts';
import { fieldOptionsSchema, updateFieldOptions } from '#lib/server/modules/updateFieldOptions.ts';
import { updateModule } from '#lib/server/modules/updateModule.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => {
		const module = await getModule(tx, params.key);
		return {
			breadcrumb: [
				{ label: 'Setup', href: '/setup' },
				{ label: 'Modules', href: '/setup/modules' },
				{ label: module.plural }
			],
			module,
			targets: (await listModules(tx)).map(({ key, plural }) => ({ value: key, label: plural })),
			deleted: can(actor, 'admin') ? await listDeletedFields(tx, module.id) : [],
			canEdit: can(actor, 'admin')
		};
	});
};

const changeSchema = z.object({
	key: z.string(),
	label: z.string(),
	required: z.boolean(),
	unique: z.boolean(),
	options: fieldOptionsSchema.nullable()
});
const fieldOf = async (request: Request) => (await request.formData()).get('field');

export const actions: Actions = {
	create: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		try {
			const field = formJson(newFieldSchema).parse(await fieldOf(request));
			await locals.withOrg((tx) => createField(tx, actor, { ...field, moduleKey: params.key }));
		} catch (error) {
			return failForm(error);
		}
		return { done: 'created' as const };
	},
	update: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		try {
			const { key, options, ...change } = formJson(changeSchema).parse(await fieldOf(request));
			const target = { moduleKey: params.key, fieldKey: key };
			await locals.withOrg(async (tx) => {
				await updateField(tx, actor, { ...change, ...target });
				if (options) await updateFieldOptions(tx, actor, { ...target, options });
			});
		} catch (error) {
			return failForm(error);
		}
		return { done: 'updated' as const };
	},
	delete: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const fieldKey = String((await request.formData()).get('key') ?? '');
		try {
			await locals.withOrg((tx) => deleteField(tx, actor, { moduleKey: params.key, fieldKey }));
		} catch (error) {
			return failForm(error);
		}
		return { done: 'deleted' as const, key: fieldKey };
	},
	restore: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const fieldKey = String((await request.formData()).get('key') ?? '');
		try {
			await locals.withOrg((tx) => restoreField(tx, actor, { moduleKey: params.key, fieldKey }));
		} catch (error) {
			return failForm(error);
		}
		return { done: 'restored' as const };
	},
	rename: async ({ locals, params, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		const names = { singular: String(form.get('singular') ?? ''), plural: String(form.get('plural') ?? '') };
		try {
			await locals.withOrg((tx) => updateModule(tx, actor, { ...names, moduleKey: params.key }));
		} catch (error) {
			return failForm(error);
		}
		return { done: 'renamed' as const };
	},
	deleteModule: async ({ locals, params }) => {
		const actor = requireActor(locals);
		try {
			await locals.withOrg((tx) => deleteModule(tx, actor, params.key));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, '/setup/modules');
	}
};
