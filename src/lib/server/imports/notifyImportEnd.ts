import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/** Tells the author that the import has ended or was taken back, once, or could not be taken back (each time that was tried). */
export async function notifyImportEnd(tx: OrgTx, job: { orgId: string; importId: string }): Promise<void> {
	await tx.execute(sql`
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		select i.org_id, app.new_id(), i.created_by, 'background_done',
			case i.status when 'done' then case when i.error is null then 'Import finished: ' else 'Import not taken back: ' end
				when 'undone' then 'Import taken back: ' else 'Import failed: ' end || i.file_name,
			coalesce(i.error, case i.status when 'undone' then format('%s deleted, %s restored, %s left as they are',
					i.undo ->> 'deleted', i.undo ->> 'restored', i.undo ->> 'kept')
				else format('%s created, %s updated, %s skipped, %s with errors', i.created, i.updated, i.skipped, i.failed) end),
			'/' || m.key || '/import/' || i.id, 
			case i.status when 'undone' then 'import:' || i.id || ':undone' when 'done' then case when i.error is null then 'import:' || i.id end
				else 'import:' || i.id end, app.now()
		from imports i join modules m on m.org_id = i.org_id and m.id = i.module_id
		where i.org_id = ${job.orgId}::uuid and i.id = ${job.importId}::uuid
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing`);
}
