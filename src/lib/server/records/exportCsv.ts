import { stringify } from 'csv-stringify/sync';
import type { Actor } from '#lib/domain/access/actor.ts';
import { csvCell } from '#lib/domain/crm/csvCell.ts';
import { labelled } from '#lib/domain/crm/fieldOptions.ts';
import { fieldValue } from '#lib/domain/crm/fieldValue.ts';
import { findField, type FieldDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import type { ViewSort } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { listRecords, type RecordPage } from './listRecords.ts';
import type { RecordFilter } from './recordFilter.ts';

export type ExportInput = RecordFilter & {
	moduleKey: string;
	columns: readonly string[];
	/** As the list shows it. */
	sort?: ViewSort | undefined;
};
/** Runs one transaction: `event.locals.withOrg`. */
type InTransaction = <T>(fn: (tx: OrgTx) => Promise<T>) => Promise<T>;

/**
 * CRM-4, PER-3: the records of a list as CSV, in pieces, one short transaction per page so that no snapshot is held
 * while somebody downloads slowly. Every cell is quoted; formulas are neutralised; users and lookups by name.
 * @throws (at the first piece) forbidden, not_found, invalid
 */
export async function* exportCsv(
	run: InTransaction,
	actor: Actor,
	input: ExportInput
): AsyncGenerator<string> {
	const fields = await run(async (tx) => {
		const module = await getModule(tx, input.moduleKey);
		await writeAudit(tx, actor, {
			action: 'record.export',
			objectType: 'module',
			objectId: module.id,
			after: { columns: input.columns, viewId: input.viewId ?? null, search: input.search ?? null }
		});
		return input.columns.map((key) => findField(module, key) ?? noSuchField(key));
	});
	let cursor: string | null = null;
	let isFirst = true;
	do {
		const page: RecordPage = await run((tx) =>
			listRecords(tx, actor, {
				...input,
				cursor,
				limit: 1000
			})
		);
		const rows = page.rows.map((row) =>
			fields.map((field) => csvCell(shown(field, fieldValue(row, field.key), page.names)))
		);
		// The mark tells spreadsheets that this is UTF-8.
		const header = isFirst ? [fields.map((field) => csvCell(field.label))] : [];
		yield (
			(isFirst ? '\uFEFF' : '') + stringify([...header, ...rows], { quoted: true, record_delimiter: '\r\n' })
		);
		isFirst = false;
		cursor = page.nextCursor;
	} while (cursor);
}

type Shown = ReturnType<typeof fieldValue>;
const shown = (field: FieldDefinition, value: Shown, names: Record<string, string>): Shown =>
	(field.type === 'user' || field.type === 'lookup') && typeof value === 'string'
		? (names[value] ?? '')
		: labelled(field, value);

const noSuchField = (key: string): never => {
	throw new DomainError('invalid', `There is no field "${key}" to export.`, '/columns');
};
