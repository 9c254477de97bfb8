import { listWork } from '#lib/server/activities/listWork.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import type { PageServerLoad } from './$types';

const pageSize = 50;

export const load: PageServerLoad = async ({ locals, url, depends }) => {
	depends('app:work');
	const actor = requireActor(locals);
	const scope = url.searchParams.get('show') === 'upcoming' ? 'upcoming' : 'due';
	const asked = url.searchParams.get('kind');
	const kind = asked === 'task' || asked === 'call' ? asked : null;
	const after = url.searchParams.get('after');
	const items = await locals.withOrg((tx) =>
		listWork(tx, actor, {
			scope,
			...(kind ? { kind } : {}),
			...(after ? { after } : {}),
			limit: pageSize + 1
		})
	);
	return {
		breadcrumb: [{ label: 'Work' }],
		scope,
		kind,
		first: after === null,
		items: items.slice(0, pageSize),
		nextCursor: items.length > pageSize ? (items[pageSize - 1]?.cursor ?? null) : null
	};
};
