import { sql, type SQL } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkRecord, recordName, withoutBlanks, type CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { checkReferences } from '../records/checkReferences.ts';
import { getRecord } from '../records/getRecord.ts';
import type { RecordRow } from '../records/recordRow.ts';
import type { ParsedSimulateInput } from './simulateInput.ts';

/** VER-7: a record that a simulation plays. It stands in no table and is written nowhere. */
export type Subject = RecordRow;

/**
 * A record the actor may see, with other values where they were given, or a made-up one that belongs to the actor.
 * @throws not_found (no such record, or not the actor's to see), forbidden, invalid (pointer `/values/<field>`)
 */
export async function readSubject(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	{ recordId, values, seed, at }: Pick<ParsedSimulateInput, 'recordId' | 'values' | 'seed'> & { at: Date }
): Promise<Subject> {
	requireModule(actor, module.key, 'view');
	const base = recordId === null ? null : (await getRecord(tx, actor, recordId)).record;
	if (base && (base.moduleId !== module.id || base.deletedAt))
		throw new DomainError('not_found', `This record is none of the ${module.plural} that are there.`);
	const checked = checkRecord(module, values, { partial: true, timeZone: actor.timeZone });
	const missing = await checkReferences(tx, module, [checked]);
	const [problem] = [...checked.problems, ...(missing.get(0) ?? [])];
	if (problem) throw new DomainError('invalid', problem.message, `/values/${problem.field}`, [problem]);
	await requireVisibleLookups(tx, actor, module, checked);
	return changed(module, base ?? blank(actor, module, seed, at), checked);
}

/** The values of a record behind a lookup are shown in texts: only of one the actor may see. */
async function requireVisibleLookups(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	{ data }: CheckedRecord
): Promise<void> {
	for (const { key, type } of module.fields) {
		const id = data[key];
		if (type === 'lookup' && typeof id === 'string') await getRecord(tx, actor, id);
	}
}

const blank = (actor: Actor, module: ModuleDefinition, id: string, at: Date): Subject => ({
	id,
	moduleId: module.id,
	name: '',
	ownerId: actor.userId,
	data: {},
	tags: [],
	timeZone: null,
	emailOptOut: false,
	callOptOut: false,
	whatsappOptOut: false,
	createdAt: at,
	createdBy: actor.userId,
	modifiedAt: at,
	modifiedBy: actor.userId,
	convertedAt: null,
	deletedAt: null
});

/** The record after checked values were written. */
export function changed(
	module: ModuleDefinition,
	subject: Subject,
	{ data, system: { owner, ...system } }: Pick<CheckedRecord, 'data' | 'system'>
): Subject {
	const merged = withoutBlanks({ ...subject.data, ...data });
	return {
		...subject,
		...system,
		ownerId: owner ?? subject.ownerId,
		data: merged,
		name: recordName(module, merged)
	};
}

/** The subject as a row in the shape of `records`, for everything that is read from records by SQL. */
export function sourceOf(orgId: string, subject: Subject): SQL {
	const row = {
		org_id: orgId,
		id: subject.id,
		module_id: subject.moduleId,
		name: subject.name,
		owner_id: subject.ownerId,
		data: subject.data,
		tags: subject.tags,
		time_zone: subject.timeZone,
		email_opt_out: subject.emailOptOut,
		call_opt_out: subject.callOptOut,
		whatsapp_opt_out: subject.whatsappOptOut,
		created_at: subject.createdAt,
		created_by: subject.createdBy,
		modified_at: subject.modifiedAt,
		modified_by: subject.modifiedBy,
		converted_at: subject.convertedAt
	};
	return sql`jsonb_populate_record(null::records, ${JSON.stringify(row)}::jsonb)`;
}
