import { can, canInModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { countRecords } from '#lib/server/records/countRecords.ts';
import { listRecords } from '#lib/server/records/listRecords.ts';
import { listViews } from '#lib/server/views/listViews.ts';
import { readListAddress } from './listAddress.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const actor = requireActor(locals);
	const address = readListAddress(url.searchParams);
	const { module } = await parent();
	const page = await locals.withOrg(async (tx) => {
		const views = await listViews(tx, actor, params.module);
		const view = views.find(({ id }) => id === address.viewId) ?? views[0];
		const filter = { viewId: view?.id, criteria: address.filter, search: address.search };
		const list = await listRecords(tx, actor, {
			...filter,
			moduleKey: params.module,
			sort: address.sort ?? undefined,
			cursor: address.trail.at(-1) ?? null,
			limit: 50
		});
		return { views, view, list, filter };
	});
	const { views, view, list, filter } = page;
	return {
		breadcrumb: [{ label: module.plural }],
		address: { ...address, viewId: view?.id ?? null },
		views: views.map(({ id, name, system, shared, ownerId }) => ({ id, name, system, shared, ownerId })),
		view: view && { id: view.id, name: view.name, columns: view.columns, system: view.system },
		rows: list.rows,
		names: list.names,
		sort: list.sort,
		nextCursor: list.nextCursor,
		// Counting a million rows takes longer than showing fifty: the number comes when it is there.
		count: locals
			.withOrg((tx) => countRecords(tx, actor, { moduleKey: params.module, ...filter }))
			.catch(() => null),
		can: {
			create: canInModule(actor, params.module, 'create'),
			edit: canInModule(actor, params.module, 'edit'),
			delete: canInModule(actor, params.module, 'delete'),
			enroll: can(actor, 'cadences.enroll'),
			unenroll: can(actor, 'cadences.unenroll'),
			manage: can(actor, 'cadences.manage')
		}
	};
};
