import { sql } from 'drizzle-orm';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { endTask } from '../enrollments/endTask.ts';
import { endImport, endUndo } from '../imports/endImport.ts';

const graceMinutes = 5;
const atOnce = 100;
const reason = 'It was tried again and again without success. What was done before stays as it is.';

type Work = { org_id: string; id: string; status: string };
type Kind = { table: 'background_tasks' | 'imports'; key: string; open: readonly string[] };
const kinds: readonly Kind[] = [
	{ table: 'background_tasks', key: 'task:', open: ['queued', 'running'] },
	{ table: 'imports', key: 'import:', open: ['running', 'undoing'] }
];

/**
 * OPS-3, RELIABILITY.md 2.6: long work whose job gave up, or is gone, would count as running for ever: part of the
 * minute's sweep. A job that runs, or will be tried again, still has its say.
 */
export async function endLostWork(db: Db): Promise<void> {
	const failed: unknown[] = [];
	for (const kind of kinds)
		for (const work of await db.execute<Work>(sql`${lost(kind)} order by w.created_at limit ${atOnce}`))
			await withOrg(db, work.org_id, async (tx) => {
				const [still] = await tx.execute<Work>(
					sql`${lost(kind)} and w.org_id = ${work.org_id}::uuid and w.id = ${work.id}::uuid for update of w skip locked`
				);
				if (still) await end(tx, kind, still);
			}).catch((error: unknown) => failed.push(error));
	if (failed.length) throw failed[0];
}

const lost = ({ table, key, open }: Kind) => sql`
	select w.org_id, w.id, w.status from ${sql.identifier(table)} w
	where w.status = any(${sql.param([...open])}::text[])
		and w.created_at < app.now() - make_interval(mins => ${graceMinutes})
		and not exists (
			select from graphile_worker.jobs j where j.key = ${key} || w.id and (
				j.locked_at is not null or j.attempts < j.max_attempts
				or j.updated_at > clock_timestamp() - make_interval(mins => ${graceMinutes})))`;

function end(tx: OrgTx, { table }: Kind, { org_id: orgId, id, status }: Work): Promise<void> {
	if (table === 'background_tasks')
		return endTask(tx, { orgId, taskId: id }, { status: 'failed', error: reason });
	const job = { orgId, importId: id };
	return status === 'undoing' ? endUndo(tx, job, reason) : endImport(tx, job, 'failed', reason);
}
