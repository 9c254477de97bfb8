import { z } from 'zod';
import { mayEditSome } from '#lib/domain/access/permissions.ts';
import { listWork, workSorts } from '#lib/server/activities/listWork.ts';
import { listWorkCadences } from '#lib/server/activities/listWorkCadences.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import type { PageServerLoad } from './$types';

const pageSize = 50;
const scopes = z.enum(['due', 'upcoming']).catch('due');
const kinds = z.enum(['task', 'call']).nullable().catch(null);
const sorts = z.enum(workSorts).catch('due');
const ids = z.uuid().nullable().catch(null);

export const load: PageServerLoad = async ({ locals, url, depends }) => {
	depends('app:work');
	const actor = requireActor(locals);
	const asked = (key: string) => url.searchParams.get(key);
	const [scope, kind, sort] = [
		scopes.parse(asked('show')),
		kinds.parse(asked('kind')),
		sorts.parse(asked('sort'))
	];
	const cadenceId = ids.parse(asked('cadence'));
	const after = asked('after');
	return locals.withOrg(async (tx) => {
		const items = await listWork(tx, actor, {
			scope,
			sort,
			...(kind ? { kind } : {}),
			...(cadenceId ? { cadenceId } : {}),
			...(after ? { after } : {}),
			limit: pageSize + 1
		});
		return {
			breadcrumb: [{ label: 'Work' }],
			mayPlan: mayEditSome(actor),
			scope,
			kind,
			sort,
			cadenceId,
			cadences: await listWorkCadences(tx, actor),
			first: after === null,
			items: items.slice(0, pageSize),
			nextCursor: items.length > pageSize ? (items[pageSize - 1]?.cursor ?? null) : null
		};
	});
};
