import { z } from 'zod';
import { allFields, findField } from '#lib/domain/crm/fields.ts';
import { standardColumnsOf } from '#lib/domain/crm/systemModules.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { formJson } from '#lib/server/formJson.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import { exportCsv } from '#lib/server/records/exportCsv.ts';
import { getView } from '#lib/server/views/getView.ts';
import { getViewLayout } from '#lib/server/views/viewLayout.ts';
import { readListAddress } from '../listAddress.ts';
import type { RequestHandler } from './$types';

const idsSchema = formJson(z.array(z.uuid()).min(1, 'Select at least one record.').max(10_000));

/**
 * CRM-4: what the list of this address shows, as CSV, in its order: the user's columns of the view, or with
 * `columns=all` every field.
 */
export const GET: RequestHandler = (event) => exportList(event, undefined);

/** The same of ticked rows alone. */
export const POST: RequestHandler = async (event) => {
	const form = await event.request.formData().catch(() => null);
	return exportList(event, await event.locals.withOrg(async () => idsSchema.parse(form?.get('ids'))));
};

async function exportList(
	{ locals, params, url }: Parameters<RequestHandler>[0],
	ids: readonly string[] | undefined
): Promise<Response> {
	const actor = requireActor(locals);
	const { viewId, search, filter, sort } = readListAddress(url.searchParams);
	const { module, columns } = await locals.withOrg(async (tx) => {
		const module = await getModule(tx, params.module);
		const view = viewId ? await getView(tx, actor, viewId) : null;
		const columns =
			url.searchParams.get('columns') === 'all'
				? allFields(module).map(({ key }) => key)
				: view
					? (await getViewLayout(tx, actor, module, view)).columns.map(({ key }) => key)
					: standardColumnsOf(module.key).filter((key) => findField(module, key));
		return { module, columns };
	});
	const pieces = exportCsv((fn) => locals.withOrg(fn), actor, {
		moduleKey: module.key,
		columns,
		viewId: viewId ?? undefined,
		criteria: filter,
		search,
		sort: sort ?? undefined,
		ids
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
}
