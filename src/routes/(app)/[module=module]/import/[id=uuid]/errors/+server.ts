import { stringify } from 'csv-stringify/sync';
import { csvCell } from '#lib/domain/crm/csvCell.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getImport } from '#lib/server/imports/getImport.ts';
import { listImportErrors, type ImportErrorPlace } from '#lib/server/imports/listImportErrors.ts';
import type { RequestHandler } from './$types';

const pageSize = 1000;

/** CRM-4: every row that needs another look, with what is wrong and the row as it came, as a CSV file to mend. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const actor = requireActor(locals);
	const found = await locals.withOrg((tx) => getImport(tx, actor, params.id));
	const headers = found.settings.columns.map(({ header }) => header);
	let after: ImportErrorPlace | undefined;
	let started = false;
	const body = new ReadableStream<string>({
		async pull(controller) {
			const errors = await locals.withOrg((tx) =>
				listImportErrors(tx, actor, {
					importId: params.id,
					limit: pageSize,
					...(after ? { after } : {})
				})
			);
			if (!started) controller.enqueue(stringify([['Row', 'Column', 'Problem', ...headers].map(csvCell)]));
			started = true;
			controller.enqueue(
				stringify(
					errors.map(({ row, column, message, raw }) => {
						const cells = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
						return [row, column, message, ...headers.map((header) => String(cells[header] ?? ''))].map(
							csvCell
						);
					})
				)
			);
			const last = errors.at(-1);
			if (errors.length < pageSize || !last) controller.close();
			else after = { row: last.row, column: last.column };
		}
	}).pipeThrough(new TextEncoderStream());
	return new Response(body, {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': 'attachment; filename="import-problems.csv"'
		}
	});
};
