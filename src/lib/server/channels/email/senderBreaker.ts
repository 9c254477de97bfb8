import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';

type SenderRef = { orgId: string; senderId: string | null };

const refs = (rows: readonly SenderRef[]) => {
	const seen = new Map<string, SenderRef>();
	for (const row of rows) if (row.senderId) seen.set(row.senderId, row);
	return [...seen.values()].map(({ orgId, senderId }) => ({ orgId, senderId }));
};

/**
 * EXE-11: an error that blames the sender, the policy or the relay pauses the sender and fails no run: 1 m, 5 m, 15 m,
 * 1 h, then 4 h. One step per pause, however many messages of it were under way.
 */
export async function pauseSenders(
	tx: Executor,
	rows: readonly (SenderRef & { text: string })[]
): Promise<void> {
	if (!rows.length) return;
	const text = new Map(rows.map((row) => [row.senderId, row.text]));
	const input = refs(rows).map((ref) => ({ ...ref, text: text.get(ref.senderId) ?? '' }));
	await tx.execute(sql`
		update senders s set status = 'paused', failures = s.failures + 1, paused_reason = left(r.text, 300),
			paused_until = app.now() + (array['1 minute', '5 minutes', '15 minutes', '1 hour', '4 hours']::interval[])[least(s.failures + 1, 5)]
		from jsonb_to_recordset(${JSON.stringify(input)}::jsonb) as r("orgId" uuid, "senderId" uuid, text text)
		where s.org_id = r."orgId" and s.id = r."senderId" and s.status <> 'disabled'
			and (s.paused_until is null or s.paused_until <= app.now())`);
}

/** The relay took a message of it: the pause is over. */
export async function resumeSenders(tx: Executor, rows: readonly SenderRef[]): Promise<void> {
	const input = refs(rows);
	if (!input.length) return;
	await tx.execute(sql`
		update senders s set status = 'active', failures = 0, paused_reason = null, paused_until = null
		from jsonb_to_recordset(${JSON.stringify(input)}::jsonb) as r("orgId" uuid, "senderId" uuid)
		where s.org_id = r."orgId" and s.id = r."senderId" and s.failures > 0 and s.status <> 'disabled'`);
}
