import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { fieldValue } from '#lib/domain/crm/fieldValue.ts';
import { findField, isSystemKey, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import type { ImportUndo } from '../db/schema/crm.ts';
import { checkUnique } from '../records/checkUnique.ts';
import { deleteRecords } from '../records/deleteRecords.ts';
import { lockRecords } from '../records/lockRecords.ts';
import type { RecordRow } from '../records/recordRow.ts';
import { writeRecords, type RecordPatch } from '../records/writeRecords.ts';
import { importCause } from './importChunk.ts';

const chunk = 1000;
const mostTold = 100;
type Values = Record<string, unknown>;
type Entry = { id: string; record_id: string; action: string; before: Values | null; after: Values | null };
type Problem = ImportUndo['problems'][number];

/**
 * Takes the next part of an import back, the latest change first, set-based.
 * @returns what was done so far; null when nothing is left
 */
export async function undoChunk(
	tx: OrgTx,
	{ actor, module, importId }: { actor: Actor; module: ModuleDefinition; importId: string },
	before: ImportUndo
): Promise<ImportUndo | null> {
	const cause = importCause(importId);
	// The range is that of the partial index; a comparison with the cause alone would not show it fits.
	const entries = [
		...(await tx.execute<Entry>(sql`
			select id, object_id as record_id, action, before, after from audit_entries
			where org_id = ${actor.orgId}::uuid and request_id = ${cause} and request_id >= 'import/'
				and request_id < 'import0' ${before.after ? sql`and id < ${before.after}::uuid` : sql``}
			order by id desc limit ${chunk}`))
	];
	const last = entries.at(-1);
	if (!last) return null;
	const made = entries.filter(({ action }) => action === 'record.import').map((entry) => entry.record_id);
	const updates = entries.filter(({ action }) => action === 'record.update');
	const records = new Map(
		(
			await lockRecords(
				tx,
				actor,
				module,
				entries.map((entry) => entry.record_id)
			)
		).map((record) => [record.id, record])
	);
	const restored = await restoreValues(tx, actor, module, updates, records);
	const converted = made.filter((id) => records.get(id)?.convertedAt);
	const deleted = await deleteRecords(tx, actor, {
		moduleKey: module.key,
		ids: made.filter((id) => records.has(id) && !converted.includes(id))
	});
	const problems = [
		...restored.problems,
		...converted.map((id) => problemOf(records.get(id)!, 'was converted since'))
	];
	return {
		deleted: before.deleted + deleted.length,
		restored: before.restored + restored.count,
		kept: before.kept + problems.length,
		after: last.id,
		problems: [...before.problems, ...problems].slice(0, mostTold)
	};
}

const problemOf = ({ id, name }: { id: string; name: string }, reason: string): Problem => ({
	recordId: id,
	name,
	reason
});

async function restoreValues(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	updates: readonly Entry[],
	records: ReadonlyMap<string, RecordRow>
): Promise<{ count: number; problems: Problem[] }> {
	const patches = new Map<string, RecordPatch>();
	const problems: Problem[] = [];
	for (const entry of updates) {
		const record = records.get(entry.record_id);
		if (!record) {
			problems.push({
				recordId: entry.record_id,
				name: '',
				reason: 'is not there any more, or not yours to see'
			});
			continue;
		}
		const patch = patches.get(record.id) ?? { record, data: {}, system: {} };
		const changed = takeBack(module, patch, entry);
		if (changed.length) problems.push(problemOf(record, `${changed.join(', ')} changed since`));
		if (Object.keys({ ...patch.data, ...patch.system }).length) patches.set(record.id, patch);
	}
	const list = [...patches.values()];
	const taken = await checkUnique(
		tx,
		module,
		list.map(({ record, data }) => ({ id: record.id, data }))
	);
	for (const [index, found] of taken)
		problems.push(problemOf(list[index]!.record, found.map(({ message }) => message).join(' ')));
	const free = list.filter((_, index) => !taken.has(index));
	return { count: (await writeRecords(tx, actor.userId, module, free)).length, problems };
}

/** Puts the earlier values into the patch. @returns labels of fields that somebody changed since */
function takeBack(module: ModuleDefinition, patch: RecordPatch, { before, after }: Entry): string[] {
	const pending: Values = { ...patch.data, ...patch.system };
	const target = (key: string) => (isSystemKey(key) ? patch.system : patch.data) as Values;
	const changed: string[] = [];
	for (const [key, written] of Object.entries(after ?? {})) {
		const field = findField(module, key);
		if (!field) continue;
		const now = key in pending ? (pending[key] ?? null) : fieldValue(patch.record, key);
		if (isDeepStrictEqual(now, written ?? null)) target(key)[key] = before?.[key] ?? null;
		else changed.push(field.label);
	}
	return changed;
}
