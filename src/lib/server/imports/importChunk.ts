import { canInModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { auditRecords } from '../records/auditRecords.ts';
import { checkReferences } from '../records/checkReferences.ts';
import { checkUnique } from '../records/checkUnique.ts';
import { insertRecords, newRecordOf } from '../records/insertRecords.ts';
import { writeRecords, type RecordPatch } from '../records/writeRecords.ts';
import { duplicateKey, findDuplicates } from './findDuplicates.ts';
import { readRows, type FileRow, type ImportContext, type ReadRow } from './readRows.ts';

export type ChunkResult = {
	created: number;
	updated: number;
	skipped: number;
	failed: number;
	/** Rows with something to tell, for import_errors. */
	told: ReadRow[];
};

/** What audit entries of an import carry, so that it can be taken back. */
export const importCause = (importId: string): string => `import/${importId}`;

/** Where a row goes. Rows that repeat one of this chunk follow it. */
type Target = { kind: 'create'; row: ReadRow } | { kind: 'update'; patch: RecordPatch };

/** CRM-4: imports some rows, set-based: a fixed number of statements whatever their number. */
export async function importChunk(
	tx: OrgTx,
	context: ImportContext,
	importId: string,
	rows: readonly FileRow[]
): Promise<ChunkResult> {
	const read = await readRows(tx, context, rows);
	await addStoredProblems(tx, context, read);
	const known = await findDuplicates(tx, context, read);
	const targets = new Map<string, Target>();
	const creates: ReadRow[] = [];
	const patches: RecordPatch[] = [];
	const result: ChunkResult = { created: 0, updated: 0, skipped: 0, failed: 0, told: [] };
	const fail = (row: ReadRow, message: string) => row.issues.push({ column: '', message, severity: 'error' });
	for (const row of read) {
		if (row.issues.some((issue) => issue.severity === 'error')) continue;
		const key = context.mapping.duplicates?.action === 'create' ? null : duplicateKey(context, row);
		const target = key === null ? undefined : (targets.get(key) ?? targetOf(known.get(key)));
		if (!target) {
			const missing = context.module.fields.find((field) => field.required && !(field.key in row.data));
			if (missing) {
				fail(row, `${missing.label} is required.`);
				continue;
			}
			creates.push(row);
			if (key !== null) targets.set(key, { kind: 'create', row });
		} else if (context.mapping.duplicates?.action === 'skip') result.skipped += 1;
		else if (target.kind === 'create') {
			Object.assign(target.row.data, row.data);
			Object.assign(target.row.system, row.system);
			result.updated += 1;
		} else if (!mayUpdate(context, target.patch))
			fail(row, 'The record with this value belongs to somebody else.');
		else {
			Object.assign(target.patch.data, row.data);
			Object.assign(target.patch.system, row.system);
			if (!patches.includes(target.patch)) patches.push(target.patch);
			if (key !== null) targets.set(key, target);
			result.updated += 1;
		}
	}
	await store(tx, context, importId, creates, patches);
	result.created = creates.length;
	result.failed = read.filter((row) => row.issues.some((issue) => issue.severity === 'error')).length;
	result.told = read.filter((row) => row.issues.length > 0);
	return result;
}

const targetOf = (record: RecordPatch['record'] | undefined): Target | undefined =>
	record && { kind: 'update', patch: { record, data: {}, system: {} } };

/** PER-3: an import changes nothing that its author could not change by hand. */
function mayUpdate({ actor, module }: ImportContext, { record }: RecordPatch): boolean {
	const owner = visibleOwner(actor);
	return canInModule(actor, module.key, 'edit') && (owner === null || record.ownerId === owner);
}

/** Problems that only the database knows: references and unique values. */
async function addStoredProblems(tx: OrgTx, context: ImportContext, read: ReadRow[]): Promise<void> {
	const headerOf = (key: string) =>
		context.mapped.find(({ field }) => field.key === key)?.column.header ?? '';
	const references = await checkReferences(tx, context.module, read);
	// A row that updates a record may keep the record's unique value: such rows are found by that value.
	const byUnique = context.mapping.duplicates?.field;
	const unique = await checkUnique(
		tx,
		{ ...context.module, fields: context.module.fields.filter((field) => field.key !== byUnique) },
		read
	);
	for (const problems of [references, unique])
		for (const [index, found] of problems)
			for (const { field, message } of found)
				read[index]!.issues.push({ column: headerOf(field), message, severity: 'error' });
}

async function store(
	tx: OrgTx,
	{ actor, module }: ImportContext,
	importId: string,
	creates: readonly ReadRow[],
	patches: readonly RecordPatch[]
): Promise<void> {
	const cause = importCause(importId);
	const ids = await insertRecords(
		tx,
		module,
		creates.map((record) => newRecordOf(record, actor.userId))
	);
	await auditRecords(
		tx,
		actor.userId,
		'record.import',
		ids.map((recordId, index) => ({ recordId, after: { importId, row: creates[index]!.row }, cause }))
	);
	await writeRecords(
		tx,
		actor.userId,
		module,
		patches.map((patch) => ({ ...patch, cause }))
	);
}
