import { allFields, findField } from '#lib/domain/crm/fields.ts';
import { standardColumnsOf } from '#lib/domain/crm/systemModules.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import { exportCsv } from '#lib/server/records/exportCsv.ts';
import { getView } from '#lib/server/views/getView.ts';
import { readListAddress } from '../listAddress.ts';
import type { RequestHandler } from './$types';

/** CRM-4: everything the list of this address shows, as CSV: the view's columns, or with `columns=all` every field. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const { viewId, search, filter } = readListAddress(url.searchParams);
	const { module, columns } = await locals.withOrg(async (tx) => {
		const module = await getModule(tx, params.module);
		const view = viewId ? await getView(tx, actor, viewId) : null;
		const columns =
			url.searchParams.get('columns') === 'all'
				? allFields(module).map(({ key }) => key)
				: (view?.columns ?? standardColumnsOf(module.key)).filter((key) => findField(module, key));
		return { module, columns };
	});
	const pieces = exportCsv((fn) => locals.withOrg(fn), actor, {
		moduleKey: module.key,
		columns,
		viewId: viewId ?? undefined,
		criteria: filter,
		search
	});
	// The first piece is read before answering: what is refused is told as a page, not as half a file.
	let piece = await pieces.next();
	const body = new ReadableStream<string>({
		async pull(controller) {
			if (piece.done) return controller.close();
			controller.enqueue(piece.value);
			piece = await pieces.next();
		},
		async cancel() {
			await pieces.return(undefined);
		}
	}).pipeThrough(new TextEncoderStream());
	return new Response(body, {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${module.plural}.csv`)}`,
			'cache-control': 'no-store'
		}
	});
};
