import { json } from '@sveltejs/kit';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listRecords } from '#lib/server/records/listRecords.ts';
import type { RequestHandler } from './$types';

const hintFields = ['company', 'email', 'phone'];

/** Records of one module for a picker: the newest, or those that match what was typed. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const search = url.searchParams.get('q') ?? '';
	const { rows } = await locals.withOrg((tx) =>
		listRecords(tx, actor, { moduleKey: params.module, search, limit: 20 })
	);
	return json(
		rows.map(({ id, name, data }) => {
			const hint = hintFields.map((key) => data[key]).find((value) => typeof value === 'string');
			return { id, name, ...(hint ? { hint } : {}) };
		})
	);
};
