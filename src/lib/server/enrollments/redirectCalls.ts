import { sql } from 'drizzle-orm';
import { findAction } from '#lib/domain/enrollment/branches.ts';
import type { OrgTx } from '../db/client.ts';
import { receiverOf } from '../engine/produce.ts';
import type { WaitingRun } from './remakeMessages.ts';

/**
 * VER-4, REE-4: a webhook that waits is called with the settings of the version its run goes on in, which are read when
 * it is called; only whose queue it stands in is written down. A call that is under way is left alone.
 */
export async function redirectCalls(tx: OrgTx, runs: readonly WaitingRun[]): Promise<void> {
	const calls = runs.flatMap(({ row, run, plan }) => {
		const action = run.race?.openedAt === null ? findAction(plan, run.race.actionId) : null;
		if (action?.kind !== 'webhook') return [];
		const { org_id: org, id: enrollment, run_no: no } = row;
		return [{ org, enrollment, no, action: action.id, receiver: receiverOf(action.config.url) }];
	});
	if (!calls.length) return;
	await tx.execute(sql`
		update webhook_calls w set receiver = c.receiver
		from jsonb_to_recordset(${JSON.stringify(calls)}::jsonb)
			as c(org uuid, enrollment uuid, no int, action text, receiver text)
		where w.org_id = c.org and w.enrollment_id = c.enrollment and w.run_no = c.no and w.action_id = c.action
			and w.status = 'queued'`);
}
