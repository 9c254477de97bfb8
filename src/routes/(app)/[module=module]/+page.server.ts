import { can, canInModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { countRecords } from '#lib/server/records/countRecords.ts';
import { listBoard } from '#lib/server/records/listBoard.ts';
import { listRecords, type RecordPage } from '#lib/server/records/listRecords.ts';
import { listViews } from '#lib/server/views/listViews.ts';
import { getViewLayout } from '#lib/server/views/viewLayout.ts';
import { boardField, readListAddress, type ListAddress } from './listAddress.ts';
import { withoutWhatIsGone } from './withoutWhatIsGone.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	const load = (address: ListAddress) =>
		locals.withOrg(async (tx) => {
			const views = await listViews(tx, actor, params.module);
			const view = views.find(({ id }) => id === address.viewId) ?? views[0];
			const filter = { viewId: view?.id, criteria: address.filter, search: address.search };
			const board = boardField(module, address.board);
			const list: RecordPage | null = board
				? null
				: await listRecords(tx, actor, {
						...filter,
						moduleKey: params.module,
						sort: address.sort ?? undefined,
						cursor: address.cursor,
						back: address.back,
						limit: 50
					});
			return {
				views,
				view,
				filter,
				list,
				board:
					board === null
						? null
						: await listBoard(tx, actor, { ...filter, moduleKey: params.module, by: board }),
				layout: view
					? await getViewLayout(tx, actor, module, view)
					: { columns: [{ key: 'name' }], own: false }
			};
		});
	const asked = readListAddress(url.searchParams);
	const { address, page, passedOver } = await withoutWhatIsGone(asked, load);
	const { views, view, list, filter } = page;
	return {
		breadcrumb: [{ label: module.plural }],
		address: {
			...address,
			viewId: view?.id ?? null,
			page: list?.previousCursor ? address.page : 1,
			board: boardField(module, address.board)
		},
		passedOver: asked.viewId && asked.viewId !== view?.id ? ('view' as const) : passedOver,
		views: views.map(({ id, name, system, shared, ownerId }) => ({ id, name, system, shared, ownerId })),
		view: view && { id: view.id, name: view.name, system: view.system },
		layout: page.layout,
		board: page.board,
		rows: list?.rows ?? [],
		names: list?.names ?? {},
		sort: list?.sort ?? { field: 'createdAt', direction: 'desc' as const },
		nextCursor: list?.nextCursor ?? null,
		previousCursor: list?.previousCursor ?? null,
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
