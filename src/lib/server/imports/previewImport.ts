import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, requireModule } from '#lib/domain/access/permissions.ts';
import type { RecordValue } from '#lib/domain/crm/recordValues.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import type { ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { extendModule } from './extendModule.ts';
import { getImport } from './getImport.ts';
import { mappedFields } from './mappedFields.ts';
import { unpackFile } from './packedFile.ts';
import { parseMapping } from './parseMapping.ts';
import { readCsv } from './readCsv.ts';
import { readRows, type FileRow, type RowIssue } from './readRows.ts';

export type ImportPreview = {
	fields: Pick<FieldDefinition, 'key' | 'label' | 'type'>[];
	/** `values` in the order of `fields`. */
	rows: { row: number; values: RecordValue[]; issues: RowIssue[] }[];
};

/**
 * CRM-4: the first rows as they would be stored, with what is wrong with them. Writes nothing.
 * @throws not_found, forbidden, invalid (pointer into the mapping)
 */
export async function previewImport(
	tx: OrgTx,
	actor: Actor,
	input: { importId: string; mapping: ImportMapping; limit?: number }
): Promise<ImportPreview> {
	const found = await getImport(tx, actor, input.importId);
	const module = await getModule(tx, found.moduleId);
	requireModule(actor, module.key, 'create');
	const mapping = parseMapping(input.mapping);
	const mapped = mappedFields(actor, module, found.settings.columns, mapping);
	const context = {
		actor,
		module: extendModule(module, mapped, mapping, can(actor, 'admin')),
		mapped,
		mapping,
		timeZone: await getOrgTimeZone(tx)
	};
	const rows = await readRows(tx, context, await firstRows(tx, found.id, Math.min(input.limit ?? 20, 200)));
	return {
		fields: mapped.map(({ field: { key, label, type } }) => ({ key, label, type })),
		rows: rows.map(({ row: number, data, system, issues }) => ({
			row: number,
			values: mapped.map(({ field }) => {
				const values: Record<string, RecordValue | undefined> = { ...data, ...system };
				return values[field.key] ?? null;
			}),
			issues
		}))
	};
}

/** Packed; the first rows of nearly every file stand in here. Reading 64 MB for each change of the mapping would be felt. */
const headBytes = 200_000;
const lineFeed = 10;

/** @throws conflict once the file is gone; invalid when it cannot be read */
async function firstRows(tx: OrgTx, importId: string, limit: number): Promise<FileRow[]> {
	const read = async (bytes: number) => {
		const [file] = await tx.execute<{ content: Uint8Array | null; whole: boolean }>(sql`
			select substring(content from 1 for ${bytes}) as content, octet_length(content) <= ${bytes} as whole
			from imports where org_id = app.org_id() and id = ${importId}::uuid`);
		if (!file?.content)
			throw new DomainError('conflict', 'This import has ended; its file is gone. Upload it again.');
		return { content: await unpackFile(file.content, !file.whole), whole: file.whole };
	};
	const head = await read(headBytes);
	if (head.whole) return rowsOf(head.content, limit);
	// Up to a line's end, so that no letter is cut. A cell that goes on behind it is seen in the whole file.
	const cut = head.content.subarray(0, head.content.lastIndexOf(lineFeed) + 1);
	const rows = await rowsOf(cut, limit).catch(() => []);
	return rows.length === limit ? rows : rowsOf((await read(2 ** 30)).content, limit);
}

async function rowsOf(content: Uint8Array, limit: number): Promise<FileRow[]> {
	const rows: FileRow[] = [];
	let row = -1;
	for await (const cells of readCsv(content)) {
		row += 1;
		if (row > 0) rows.push({ row, cells });
		if (rows.length >= limit) break;
	}
	return rows;
}
