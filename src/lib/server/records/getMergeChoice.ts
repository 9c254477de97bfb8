import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, requireModule } from '#lib/domain/access/permissions.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { mostMerged } from '#lib/domain/crm/mergeChoice.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { namesOf } from './namesOf.ts';
import { visibleRecords } from './recordFilter.ts';
import { r, recordColumns, type RecordRow } from './recordRow.ts';

export const mergeChoiceSchema = z.object({
	moduleKey: z.string().max(80),
	ids: z
		.array(z.uuid('These records cannot be read. Select them in the list again.'))
		.min(2, 'Select at least two records to merge.')
		.max(mostMerged, `Merge at most ${mostMerged} records at once.`)
});

/** A live enrollment: it goes on with the one that stays, and ends (`merged`) with the others. */
type MergeRun = { recordId: string; cadenceName: string };
export type MergeChoice = {
	module: ModuleDefinition;
	/** Oldest first. */
	records: RecordRow[];
	names: Record<string, string>;
	runs: MergeRun[];
};

/**
 * CRM-5: what somebody has to see before records become one. `runs` is empty for whoever may not see cadences.
 * @throws forbidden, invalid, not_found (any of them)
 */
export async function getMergeChoice(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof mergeChoiceSchema>
): Promise<MergeChoice> {
	const { moduleKey, ids } = mergeChoiceSchema.parse(input);
	const module = await getModule(tx, moduleKey);
	requireModule(actor, module.key, 'edit');
	requireModule(actor, module.key, 'delete');
	const wanted = [...new Set(ids)];
	const records = await tx
		.select(recordColumns)
		.from(r)
		.where(sql`${visibleRecords(actor, module)} and r.id = any(${sql.param(wanted)}::uuid[])`)
		.orderBy(r.createdAt, r.id);
	if (records.length < 2 || records.length !== wanted.length)
		throw new DomainError('not_found', 'One of these records was deleted, or belongs to somebody else.');
	const runs = can(actor, 'cadences.view')
		? await tx.execute<MergeRun>(sql`
			select e.record_id as "recordId", c.name as "cadenceName" from enrollments e
			join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
			where e.org_id = ${actor.orgId}::uuid and e.record_id = any(${sql.param(wanted)}::uuid[])
				and e.status in ('active', 'paused') order by c.name, e.id`)
		: [];
	return { module, records, names: await namesOf(tx, module, records), runs: [...runs] };
}
