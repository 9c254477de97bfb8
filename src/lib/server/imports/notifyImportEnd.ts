import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/** Tells the author that the import has ended, once. */
export async function notifyImportEnd(tx: OrgTx, job: { orgId: string; importId: string }): Promise<void> {
	await tx.execute(sql`
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		select i.org_id, app.new_id(), i.created_by, 'background_done',
			case i.status when 'done' then 'Import finished: ' else 'Import failed: ' end || i.file_name,
			coalesce(i.error, format('%s created, %s updated, %s skipped, %s with errors', i.created, i.updated, i.skipped,
				i.failed)),
			'/' || m.key || '/import/' || i.id, 'import:' || i.id, app.now()
		from imports i join modules m on m.org_id = i.org_id and m.id = i.module_id
		where i.org_id = ${job.orgId}::uuid and i.id = ${job.importId}::uuid
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing`);
}
