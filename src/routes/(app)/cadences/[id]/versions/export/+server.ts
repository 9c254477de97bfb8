import { error } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { stateRefSchema } from '#lib/server/cadences/compareDrafts.ts';
import { exportCadence } from '#lib/server/cadences/exportCadence.ts';
import type { RequestHandler } from './$types';

/** CAD-5: `?of=draft` or the number of a version, as a file. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const of = stateRefSchema.safeParse(url.searchParams.get('of') ?? 'draft');
	if (!of.success) error(404, { code: 'not_found', message: 'There is no such version.' });
	const file = await locals.withOrg((tx) => exportCadence(tx, actor, params.id, of.data));
	const name = file.name.replace(/[^\p{L}\p{N} _-]+/gu, '').trim() || 'cadence';
	const suffix = of.data === 'draft' ? 'draft' : `version ${of.data}`;
	return new Response(`${JSON.stringify(file, null, '\t')}\n`, {
		headers: {
			'content-type': 'application/json',
			'content-disposition': `attachment; filename="cadence.json"; filename*=UTF-8''${encodeURIComponent(`${name} - ${suffix}.json`)}`
		}
	});
};
