import { requireModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listRecords } from '#lib/server/records/listRecords.ts';
import { readListAddress, type ListAddress } from '../listAddress.ts';
import { withoutWhatIsGone } from '../withoutWhatIsGone.ts';
import type { PageServerLoad } from './$types';

/** CRM-4: what was deleted, the latest first. */
export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const actor = requireActor(locals);
	const { module } = await parent();
	const load = (address: ListAddress) =>
		locals.withOrg((tx) => {
			requireModule(actor, params.module, 'delete');
			return listRecords(tx, actor, {
				moduleKey: params.module,
				deleted: true,
				search: address.search,
				sort: { field: 'modifiedAt', direction: 'desc' },
				cursor: address.cursor,
				back: address.back
			});
		});
	const { address, page: list } = await withoutWhatIsGone(readListAddress(url.searchParams), load);
	return {
		breadcrumb: [{ label: module.plural, href: `/${module.key}` }, { label: 'Recycle bin' }],
		address: { ...address, page: list.previousCursor ? address.page : 1 },
		rows: list.rows.map(({ id, name, ownerId, modifiedBy, deletedAt }) => ({
			id,
			name,
			ownerId,
			modifiedBy,
			deletedAt
		})),
		nextCursor: list.nextCursor,
		previousCursor: list.previousCursor
	};
};
