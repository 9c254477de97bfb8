import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { unenrollChunk } from '../enrollments/unenrollRecords.ts';
import { enqueue } from '../jobs.ts';

export const setAsideSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('run'), id: z.uuid() }),
	z.object({ kind: z.literal('response'), id: z.string().regex(/^\d{1,18}$/) })
]);
type Input = z.input<typeof setAsideSchema>;

const gone = () =>
	new DomainError('not_found', 'This is not set aside any more. Somebody else has dealt with it.');

/**
 * RELIABILITY.md 2.6: the engine takes it again at once. If it still fails it is set aside again, with the reason of then.
 * Profile Administrator.
 * @throws forbidden, not_found
 */
export async function retryQuarantined(tx: OrgTx, actor: Actor, input: Input): Promise<void> {
	requirePermission(actor, 'admin');
	const { kind, id } = setAsideSchema.parse(input);
	const freed =
		kind === 'run'
			? await tx.execute(sql`
				update enrollments set quarantined_at = null, quarantine_reason = null, version = version + 1
				where org_id = ${actor.orgId}::uuid and id = ${id}::uuid and quarantined_at is not null returning id`)
			: await tx.execute(sql`
				update responses set quarantined_at = null
				where org_id = ${actor.orgId}::uuid and id = ${id}::bigint and quarantined_at is not null returning id`);
	if (!freed.length) throw gone();
	await enqueue(tx, 'advance', {}, { key: 'advance' });
	await writeAudit(tx, actor, {
		action: `${kind === 'run' ? 'enrollment' : 'response'}.retry`,
		objectType: 'enrollment',
		...(kind === 'run' ? { objectId: id } : { after: { response: id } })
	});
}

/**
 * Gives it up: a run is un-enrolled (`manual`), a response is thrown away. Profile Administrator; for a run UNENROLL too.
 * @throws forbidden, not_found
 */
export async function dropQuarantined(tx: OrgTx, actor: Actor, input: Input): Promise<void> {
	requirePermission(actor, 'admin');
	const { kind, id } = setAsideSchema.parse(input);
	if (kind === 'run') {
		requirePermission(actor, 'cadences.unenroll');
		const ended = await unenrollChunk(tx, actor, [id], 'Set aside after an error');
		if (!ended) throw gone();
		return;
	}
	const dropped = await tx.execute(sql`
		delete from responses
		where org_id = ${actor.orgId}::uuid and id = ${id}::bigint and quarantined_at is not null returning kind, action_id`);
	if (!dropped.length) throw gone();
	await writeAudit(tx, actor, {
		action: 'response.drop',
		objectType: 'enrollment',
		before: { response: id, ...dropped[0] }
	});
}
