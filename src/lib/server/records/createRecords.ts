import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkRecord, type CheckedRecord, type RecordProblem } from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { auditRecords } from './auditRecords.ts';
import { checkReferences } from './checkReferences.ts';
import { checkUnique } from './checkUnique.ts';
import { insertRecords, newRecordOf } from './insertRecords.ts';

/** Values by field key; system fields (`owner`, `tags`, `emailOptOut`, ...) by theirs. */
export type RecordValues = Record<string, unknown>;
export type CreateRecordsInput = { moduleKey: string; rows: readonly RecordValues[] };

/**
 * CRM-4: creates records of a module, all or none; the owner is the actor unless one is given.
 * @returns the ids in the order of the rows
 * @throws invalid with `details`: problems by row; forbidden
 */
export async function createRecords(tx: OrgTx, actor: Actor, input: CreateRecordsInput): Promise<string[]> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'create');
	const timeZone = await getOrgTimeZone(tx);
	const checked = input.rows.map((values) => checkRecord(module, values, { timeZone }));
	await requireValid(tx, module, checked);
	const ids = await insertRecords(
		tx,
		module,
		checked.map((record) => newRecordOf(record, actor.userId))
	);
	await auditRecords(
		tx,
		actor.userId,
		'record.create',
		ids.map((recordId, index) => ({
			recordId,
			after: { ...checked[index]!.data, ...checked[index]!.system }
		}))
	);
	return ids;
}

/** Adds what only the database knows (references, uniqueness) and throws when any row has a problem. */
export async function requireValid(
	tx: OrgTx,
	module: ModuleDefinition,
	rows: readonly (CheckedRecord & { id?: string })[]
): Promise<void> {
	const references = await checkReferences(tx, module, rows);
	const unique = await checkUnique(tx, module, rows);
	const problems = rows.flatMap((row, index): (RecordProblem & { row: number })[] =>
		[...row.problems, ...(references.get(index) ?? []), ...(unique.get(index) ?? [])].map((problem) => ({
			row: index,
			...problem
		}))
	);
	const [first] = problems;
	if (!first) return;
	const pointer = rows.length > 1 ? `/rows/${first.row}/${first.field}` : `/values/${first.field}`;
	throw new DomainError('invalid', first.message, pointer, problems.slice(0, 1000));
}
