import { json } from '@sveltejs/kit';
import { canInModule } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listModules } from '#lib/server/modules/listModules.ts';
import { listRecords } from '#lib/server/records/listRecords.ts';
import type { RequestHandler } from './$types';

/** The command palette: the best few records of every module that the actor may view. */
export const GET: RequestHandler = async ({ locals, url }) => {
	const actor = requireActor(locals);
	const search = (url.searchParams.get('q') ?? '').trim();
	if (search.length < 2) return json([]);
	const found = await locals.withOrg(async (tx) => {
		const modules = (await listModules(tx)).filter(({ key }) => canInModule(actor, key, 'view'));
		const hits = [];
		for (const { key, singular } of modules) {
			const { rows } = await listRecords(tx, actor, { moduleKey: key, search, limit: 5 });
			hits.push(...rows.map(({ id, name }) => ({ id, name, module: key, hint: singular })));
		}
		return hits;
	});
	return json(found.slice(0, 12));
};
