import { sql } from 'drizzle-orm';
import { checkRecord, type CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import { isDomainError } from '#lib/domain/errors.ts';
import { findField, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import { renderText } from '#lib/domain/mergeFields/render.ts';
import type { MergeValues } from '#lib/domain/mergeFields/values.ts';
import type { PlanActionOf } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { checkReferences } from '../records/checkReferences.ts';
import { checkUnique } from '../records/checkUnique.ts';
import { r, recordColumns, type RecordRow } from '../records/recordRow.ts';
import { readMergeValues } from '../templates/readMergeValues.ts';
import type { ChannelFacts } from './channelFacts.ts';
import type { DueRun } from './dueRow.ts';
import { failed, resolveOwner, type Prepared } from './verdict.ts';

type Change = PlanActionOf<'updateField' | 'tags' | 'changeOwner'>;
export type Changing = { run: DueRun; action: Change };
/** A run that this pass cannot serve, and when to look again. */
export type Later = { run: DueRun; afterMs: number };

/**
 * GRA-8: prepares changes of records by updateField, tags and changeOwner: records are locked in id order, but never
 * waited for (who deletes a record holds it and waits for its runs), then read, and the values are checked exactly as
 * a person's would be. Of several runs with the same record the first in due order goes now, the next one in the
 * next pass, so that each sees what the one before has written.
 */
export async function prepareChanges(
	tx: OrgTx,
	wanted: readonly Changing[],
	facts: ChannelFacts
): Promise<{ prepared: Map<DueRun, Prepared>; later: Later[] }> {
	const prepared = new Map<DueRun, Prepared>();
	const later: Later[] = [];
	const first = new Map<string, Changing>();
	for (const one of [...wanted].sort(inDueOrder)) {
		const { row } = one.run;
		const key = `${row.org_id}/${row.record_id}`;
		if (first.has(key)) later.push({ run: one.run, afterMs: 0 });
		else first.set(key, one);
	}
	const values = await mergeValuesOf(tx, [...first.values()]);
	for (const [orgId, own] of [...Map.groupBy(first.values(), ({ run }) => run.row.org_id)].sort(byKey)) {
		await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
		const records = await lockFree(tx, orgId, own);
		const free = own.filter(({ run }) => records.has(run.row.record_id));
		for (const { run } of own) if (!records.has(run.row.record_id)) later.push({ run, afterMs: 250 });
		for (const [moduleId, group] of [
			...Map.groupBy(free, ({ run }) => records.get(run.row.record_id)!.moduleId)
		].sort(byKey)) {
			const module = await getModule(tx, moduleId);
			const checked = group.map((one) =>
				check(one, module, records.get(one.run.row.record_id)!, facts, values)
			);
			await checkAgainstOthers(tx, module, checked, prepared);
		}
	}
	return { prepared, later };
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

const inDueOrder = ({ run: a }: Changing, { run: b }: Changing) =>
	(a.run.next?.dueAt ?? 0) - (b.run.next?.dueAt ?? 0) || (a.row.id < b.row.id ? -1 : 1);

async function lockFree(
	tx: OrgTx,
	orgId: string,
	wanted: readonly Changing[]
): Promise<Map<string, RecordRow>> {
	const ids = wanted.map(({ run }) => run.row.record_id);
	const rows = await tx
		.select(recordColumns)
		.from(r)
		.where(
			sql`${r.orgId} = ${orgId}::uuid and ${r.id} = any(${sql.param(ids)}::uuid[]) and ${r.deletedAt} is null`
		)
		.orderBy(r.id)
		.for('no key update', { skipLocked: true });
	return new Map(rows.map((row) => [row.id, row]));
}

/** Merge fields of texts, with the records as they are now. */
async function mergeValuesOf(
	tx: OrgTx,
	wanted: readonly Changing[]
): Promise<Map<DueRun, MergeValues | undefined>> {
	const texts = wanted.filter(
		({ action }) =>
			action.kind === 'updateField' &&
			typeof action.config.value === 'string' &&
			action.config.value.includes('{{')
	);
	const values = await readMergeValues(
		tx,
		texts.map(({ run }) => ({ orgId: run.row.org_id, recordId: run.row.record_id }))
	);
	return new Map(texts.map(({ run }, i) => [run, values[i]]));
}

type Checked = { run: DueRun; record: RecordRow } & ({ values: CheckedRecord } | { prepared: Prepared });

function check(
	{ run, action }: Changing,
	module: ModuleDefinition,
	record: RecordRow,
	facts: ChannelFacts,
	merge: Map<DueRun, MergeValues | undefined>
): Checked {
	const read = (values: Record<string, unknown>): Checked => ({
		run,
		record,
		values: checkRecord(module, values, {
			partial: true,
			retired: true,
			timeZone: run.cadence.orgTimeZone
		})
	});
	const refuse = (...reason: Parameters<typeof failed>): Checked => ({
		run,
		record,
		prepared: failed(...reason)
	});
	switch (action.kind) {
		case 'tags':
			return read({ tags: changedTags(record.tags, action.config) });
		case 'changeOwner': {
			const owner = resolveOwner(run, action, facts);
			return owner.id === null ? { run, record, prepared: owner.problem } : read({ owner: owner.id });
		}
		case 'updateField': {
			const { field: key, value } = action.config;
			const field = key === null ? undefined : findField(module, key);
			if (key === null || !field || field.readOnly)
				return refuse(
					'field_gone',
					`The field "${key ?? ''}" does not exist or cannot be set. Choose another and publish, then restart.`
				);
			const of = merge.get(run);
			if (!of || typeof value !== 'string') return read({ [key]: value });
			try {
				return read({ [key]: renderText(parseTemplate(value), of) });
			} catch (error) {
				if (!isDomainError(error)) throw error;
				return refuse('value_refused', error.message);
			}
		}
	}
}

/** Tags are told apart without regard to case, as the list shows them. */
export function changedTags(
	tags: readonly string[],
	{ add, remove }: { add: string[]; remove: string[] }
): string[] {
	const gone = new Set(remove.map((tag) => tag.toLowerCase()));
	const kept = tags.filter((tag) => !gone.has(tag.toLowerCase()));
	const has = new Set(kept.map((tag) => tag.toLowerCase()));
	return [...kept, ...add.filter((tag) => !has.has(tag.toLowerCase()))];
}

/** CRM-3: what only the database knows: references and uniqueness. */
async function checkAgainstOthers(
	tx: OrgTx,
	module: ModuleDefinition,
	checked: readonly Checked[],
	prepared: Map<DueRun, Prepared>
): Promise<void> {
	const rows = checked.flatMap((one) => {
		if ('prepared' in one) prepared.set(one.run, one.prepared);
		return 'values' in one ? [one] : [];
	});
	const patches = rows.map(({ values, record }) => ({ ...values, id: record.id }));
	const references = await checkReferences(tx, module, patches);
	const unique = await checkUnique(tx, module, patches);
	for (const [i, { run, record, values }] of rows.entries()) {
		const [problem] = [...values.problems, ...(references.get(i) ?? []), ...(unique.get(i) ?? [])];
		prepared.set(
			run,
			problem
				? failed('value_refused', `${problem.message} Correct the action or the record, then restart.`)
				: {
						verdict: { do: 'execute' },
						ownerId: null,
						senderId: null,
						address: null,
						extra: { kind: 'change', module, record, data: values.data, system: values.system }
					}
		);
	}
}
