import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { lockActivity, runOf } from './lockActivity.ts';

export const logCallSchema = z.object({
	activityId: z.uuid(),
	result: z.string().min(1, 'Choose a result.').max(100),
	durationSeconds: z.int().min(0).max(86_400).nullable().default(null),
	note: z.string().max(5000).default('')
});

/** CRM-9, GRA-6: what a call came to. Logging again corrects it; the same result again tells the engine nothing. */
export async function logCall(tx: OrgTx, actor: Actor, input: z.input<typeof logCallSchema>): Promise<void> {
	const { activityId, result, durationSeconds, note } = logCallSchema.parse(input);
	const activity = await lockActivity(tx, actor, activityId);
	if (activity.kind !== 'call')
		throw new DomainError('invalid', 'This is a task: set its status instead of a call result.', '/result');
	const [org] = await tx.execute<{ results: string[] }>(
		sql`select call_results as results from organizations where id = ${actor.orgId}`
	);
	if (!org?.results.includes(result))
		throw new DomainError('invalid', 'Choose one of the listed call results.', '/result');
	await tx.execute(sql`
		update activities set status = 'Completed', result = ${result}, note = ${note}, duration_seconds = ${durationSeconds},
			completed_at = coalesce(completed_at, app.now())
		where org_id = ${actor.orgId} and id = ${activity.id}`);
	const run = runOf(actor.orgId, activity);
	if (run && result !== activity.result)
		await recordResponses(tx, [{ ...run, kind: 'result', parameter: result, actorId: actor.userId }]);
	await writeAudit(tx, actor, {
		action: 'activity.logCall',
		objectType: 'activity',
		objectId: activity.id,
		before: { result: activity.result },
		after: { result, durationSeconds }
	});
}
