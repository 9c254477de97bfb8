import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { readModules } from '../modules/listModules.ts';
import { auditRecords } from './auditRecords.ts';
import { lockRecords } from './lockRecords.ts';
import { mergedInto } from './mergedInto.ts';
import { onRecordsEnded } from './onRecordsEnded.ts';
import type { RecordRow } from './recordRow.ts';
import { updateRecord } from './updateRecord.ts';

export const mergeSchema = z.object({
	moduleKey: z.string().max(80),
	/** The one that stays. */
	winnerId: z.uuid(),
	loserIds: z.array(z.uuid()).min(1).max(10),
	/** Values that the winner takes over from the others, as chosen. */
	values: z.record(z.string(), z.unknown()).default({})
});

/**
 * CRM-5: several records of one person become one. The losing ones' live runs end as `merged`; their activities, messages
 * and history are the winner's from then on, and so is what other records point to. The winner's own runs go on.
 * @throws forbidden, not_found (any of them), invalid; conflict when the winner was converted
 */
export async function mergeRecords(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof mergeSchema>
): Promise<void> {
	const { moduleKey, winnerId, values, ...rest } = mergeSchema.parse(input);
	const loserIds = [...new Set(rest.loserIds)];
	const module = await getModule(tx, moduleKey);
	requireModule(actor, module.key, 'edit');
	requireModule(actor, module.key, 'delete');
	if (loserIds.includes(winnerId))
		throw new DomainError('invalid', 'A record cannot be merged into itself.', '/loserIds');
	const found = await lockRecords(tx, actor, module, [winnerId, ...loserIds]);
	if (found.length !== loserIds.length + 1)
		throw new DomainError('not_found', 'One of these records was deleted, or belongs to somebody else.');
	const winner = found.find((record) => record.id === winnerId)!;
	if (winner.convertedAt)
		throw new DomainError(
			'conflict',
			`${winner.name} was converted and takes part in nothing any more. Keep another one of them.`,
			'/winnerId'
		);
	const losers = found.filter((record) => record.id !== winnerId);
	await onRecordsEnded(tx, actor, loserIds, 'merged');
	await tx.execute(sql`
		update records r set deleted_at = app.now(), merged_into_id = ${winnerId}::uuid, modified_by = ${actor.userId}::uuid,
			modified_at = greatest(app.now(), r.modified_at + interval '1 millisecond')
		where r.org_id = ${actor.orgId}::uuid and r.id = any(${sql.param(loserIds)}::uuid[])`);
	await moveHistory(tx, actor.orgId, winnerId, loserIds);
	await pointAtWinner(tx, actor.orgId, module, winnerId, loserIds);
	await updateRecord(tx, actor, {
		recordId: winnerId,
		values: { ...together(winner, losers), ...withoutItself(module, found, winner, values) }
	});
	const merged: string[] = [];
	for (const id of loserIds) {
		const rows = await tx.execute<{ id: string }>(mergedInto(id));
		merged.push(...rows.map((row) => row.id));
	}
	await auditRecords(tx, actor.userId, 'record.merge', [
		...losers.map(({ id, name, data }) => ({ recordId: id, before: { name, ...data }, after: { winnerId } })),
		{ recordId: winnerId, after: { merged, names: losers.map(({ name }) => name) } }
	]);
}

/** Tags of all of them; who opted out under one of its records has opted out. */
function together(winner: RecordRow, losers: readonly RecordRow[]): Record<string, unknown> {
	const all = [winner, ...losers];
	return {
		tags: [...new Set(all.flatMap((record) => record.tags))],
		emailOptOut: all.some((record) => record.emailOptOut),
		callOptOut: all.some((record) => record.callOptOut),
		whatsappOptOut: all.some((record) => record.whatsappOptOut)
	};
}

/** One that pointed to another of them (a parent account) does not come to point to itself. */
function withoutItself(
	module: ModuleDefinition,
	merged: readonly RecordRow[],
	winner: RecordRow,
	values: Record<string, unknown>
): Record<string, unknown> {
	const lookups = module.fields
		.filter(({ type, lookupModuleKey }) => type === 'lookup' && lookupModuleKey === module.key)
		.map(({ key }) => key);
	const isInside = (value: unknown) => merged.some(({ id }) => id === value);
	const emptied = lookups.filter((key) => isInside(winner.data[key])).map((key) => [key, null]);
	const chosen = Object.entries(values).filter(([key, value]) => !lookups.includes(key) || !isInside(value));
	return Object.fromEntries([...emptied, ...chosen]);
}

/** What was done and what came back is the winner's; the losers' ended enrollments and their log stay theirs. */
async function moveHistory(
	tx: OrgTx,
	orgId: string,
	winnerId: string,
	loserIds: readonly string[]
): Promise<void> {
	const of = sql`org_id = ${orgId}::uuid and record_id = any(${sql.param([...loserIds])}::uuid[])`;
	const to = sql`record_id = ${winnerId}::uuid`;
	await tx.execute(sql`update activities set ${to} where ${of}`);
	await tx.execute(sql`update messages set ${to} where ${of}`);
	await tx.execute(sql`update inbound_messages set ${to} where ${of}`);
}

/** Lookups of other records to a losing one. */
async function pointAtWinner(
	tx: OrgTx,
	orgId: string,
	module: ModuleDefinition,
	winnerId: string,
	loserIds: readonly string[]
): Promise<void> {
	for (const other of await readModules(tx, {}))
		for (const field of other.fields)
			if (field.type === 'lookup' && field.lookupModuleKey === module.key)
				await tx.execute(sql`
					update records r set data = jsonb_set(r.data, array[${field.key}::text], to_jsonb(${winnerId}::text))
					where r.org_id = ${orgId}::uuid and r.module_id = ${other.id}::uuid
						and r.data ->> ${field.key}::text = any(${sql.param([...loserIds])}::text[])`);
}
