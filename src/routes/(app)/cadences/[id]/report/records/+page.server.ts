import { z } from 'zod';
import { actionEventKinds, runEventKinds } from '#lib/domain/enrollment/events.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { drillDown } from '#lib/server/reports/drillDown.ts';
import { getFunnel } from '#lib/server/reports/getFunnel.ts';
import { readReportAddress } from '../reportAddress.ts';
import type { PageServerLoad } from './$types';

const behindSchema = z.object({
	kind: z.enum([...runEventKinds, ...actionEventKinds, 'reached']).catch('enrolled'),
	actionId: z.string().max(40).nullable().catch(null),
	detail: z.string().max(300).nullable().catch(null),
	machine: z.boolean()
});
const cursorSchema = z
	.string()
	.regex(/^[^~]{20,40}~\d{1,18}$/)
	.transform((text) => {
		const [at = '', id = ''] = text.split('~');
		return { at, id: Number(id) };
	})
	.pipe(z.object({ at: z.iso.datetime({ offset: true }), id: z.int() }))
	.nullable()
	.catch(null);

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const { filter } = readReportAddress(params.id, url.searchParams);
	const behind = behindSchema.parse({
		kind: url.searchParams.get('kind'),
		actionId: url.searchParams.get('action'),
		detail: url.searchParams.get('detail'),
		machine: url.searchParams.has('machine')
	});
	const cursor = cursorSchema.parse(url.searchParams.get('after'));
	return locals.withOrg(async (tx) => {
		const page = await drillDown(tx, actor, { filter, ...behind, cursor, limit: 100 });
		const { actions } = await getFunnel(tx, actor, filter);
		return {
			filter,
			behind,
			rows: page.rows,
			next: page.next ? `${page.next.at}~${page.next.id}` : null,
			action: actions.find((action) => action.id === behind.actionId) ?? null,
			first: cursor === null
		};
	});
};
