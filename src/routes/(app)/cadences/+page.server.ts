import { redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { can } from '#lib/domain/access/permissions.ts';
import { cadenceStates } from '#lib/domain/cadence/cadence.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { activateCadence } from '#lib/server/cadences/activateCadence.ts';
import { cloneCadence } from '#lib/server/cadences/cloneCadence.ts';
import { deactivateCadence } from '#lib/server/cadences/deactivateCadence.ts';
import { deleteCadence } from '#lib/server/cadences/deleteCadence.ts';
import { importCadence } from '#lib/server/cadences/importCadence.ts';
import { listCadences } from '#lib/server/cadences/listCadences.ts';
import { failForm } from '#lib/server/failForm.ts';
import { getUsage } from '#lib/server/limits/getUsage.ts';
import type { Actions, PageServerLoad } from './$types';

const addressSchema = z.object({
	search: z.string().max(100).catch(''),
	module: z.string().max(80).nullable().catch(null),
	state: z.enum(cadenceStates).nullable().catch(null),
	sort: z.enum(['name', 'created', 'published']).catch('name')
});

export const load: PageServerLoad = async ({ locals, url }) => {
	const actor = requireActor(locals);
	const address = addressSchema.parse({
		search: url.searchParams.get('q') ?? '',
		module: url.searchParams.get('module'),
		state: url.searchParams.get('state'),
		sort: url.searchParams.get('sort') ?? 'name'
	});
	const { module: moduleKey, ...rest } = address;
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Cadences' }],
		address,
		cadences: await listCadences(tx, actor, { ...rest, moduleKey }),
		usage: await getUsage(tx, actor),
		can: { manage: can(actor, 'cadences.manage') }
	}));
};

const halted = z.enum(['stop', 'continue']).catch('stop');

export const actions: Actions = {
	activate: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			await locals.withOrg((tx) =>
				activateCadence(tx, actor, {
					cadenceId: String(form.get('cadenceId')),
					halted: halted.parse(form.get('halted')),
					includeExisting: form.get('includeExisting') === 'yes'
				})
			);
		} catch (error) {
			return failForm(error);
		}
	},
	deactivate: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			await locals.withOrg((tx) =>
				deactivateCadence(tx, actor, { cadenceId: String(form.get('cadenceId')) })
			);
		} catch (error) {
			return failForm(error);
		}
	},
	clone: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		let id: string;
		try {
			({ id } = await locals.withOrg((tx) =>
				cloneCadence(tx, actor, { cadenceId: String(form.get('cadenceId')) })
			));
		} catch (error) {
			return failForm(error);
		}
		redirect(303, `/cadences/${id}/edit`);
	},
	import: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			return await locals.withOrg((tx) => importCadence(tx, actor, String(form.get('file') ?? '')));
		} catch (error) {
			return failForm(error);
		}
	},
	delete: async ({ locals, request }) => {
		const actor = requireActor(locals);
		const form = await request.formData();
		try {
			return await locals.withOrg((tx) =>
				deleteCadence(tx, actor, { cadenceId: String(form.get('cadenceId')) })
			);
		} catch (error) {
			return failForm(error);
		}
	}
};
