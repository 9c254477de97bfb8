import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';
import { endRuns } from './endRuns.ts';
import { freeMessages } from './holdMessages.ts';
import { releaseRuns } from './releaseRuns.ts';

export type ActivateEffect = { stopped: number; resumed: number };

const chunk = 5_000;

/**
 * DEA-2: in the transaction that activates, under the exclusive lock. `stop` (default) leaves the halted records stopped
 * (`deactivated`, resumable); `continue` lets them go on with their remaining delays. A person's pause stays.
 */
export async function onActivate(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId' | 'userId'>,
	{ cadenceId, halted }: { cadenceId: string; halted: 'stop' | 'continue' }
): Promise<ActivateEffect> {
	let stopped = 0;
	let resumed = 0;
	if (halted === 'stop') {
		const rows = await tx.execute<{ id: string }>(sql`
			select e.id from enrollments e
			where e.org_id = ${actor.orgId}::uuid and e.status = 'paused' and e.cadence_id = ${cadenceId}::uuid
				and e.pause_causes ? 'cadence_inactive' order by e.id`);
		const endings = rows.map(({ id }) => ({
			orgId: actor.orgId,
			enrollmentId: id,
			reason: 'deactivated' as const
		}));
		for (let at = 0; at < endings.length; at += chunk)
			stopped += (await endRuns(tx, endings.slice(at, at + chunk), actor.userId)).length;
	} else {
		resumed = await releaseRuns(tx, actor, cadenceId);
		await freeMessages(tx, actor.orgId, sql`m.cadence_id = ${cadenceId}::uuid`);
	}
	// What was looked at before it stopped counts for nothing: the sweep asks for a scan if this one's job is lost.
	await tx.execute(sql`
		update cadences set scanned_at = null where org_id = ${actor.orgId}::uuid and id = ${cadenceId}::uuid`);
	await enqueue(tx, 'advance', {}, { key: 'advance' });
	return { stopped, resumed };
}
