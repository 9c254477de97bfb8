import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

export type OwnerNotice = {
	orgId: string;
	recordId: string;
	kind: 'reply' | 'bounce' | 'failure' | 'call_due' | 'task_due';
	title: string;
	body: string;
	/** Makes a repeated notice the same row. */
	dedupeKey: string;
};

/** CHA-4: tells the owners of records, in one statement; a repeated notice stays one row. Titles end with the record's name. */
export async function notifyOwners(tx: Executor, notices: readonly OwnerNotice[]): Promise<void> {
	if (!notices.length) return;
	await tx.execute(sql`
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		select r.org_id, app.new_id(), r.owner_id, n.kind, left(n.title || ': ' || r.name, 200), left(n.body, 500),
			'/' || m.key || '/' || r.id, n."dedupeKey", app.now()
		from jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as n("orgId" uuid, "recordId" uuid, kind text, title text,
			body text, "dedupeKey" text)
		join records r on r.org_id = n."orgId" and r.id = n."recordId"
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing`);
}
