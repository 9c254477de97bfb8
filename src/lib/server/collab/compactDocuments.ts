import { sql } from 'drizzle-orm';
import { withOrg, type Db } from '../db/client.ts';
import { failpoint } from '../failpoint.ts';
import { getLog } from '../log.ts';
import { compactDocument } from './compactDocument.ts';
import { collabLimits } from './limits.ts';

/** Folds every log that has grown long (not of deleted cadences), one document per transaction. One that fails is told and does not stop others. */
export async function compactDocuments(
	db: Db,
	options: { signal?: AbortSignal; every?: number } = {}
): Promise<number> {
	const every = options.every ?? collabLimits.compactEvery;
	const rows = await db.execute<{ org_id: string; cadence_id: string }>(sql`
		select d.org_id, d.cadence_id from documents d
		join cadences c on c.org_id = d.org_id and c.id = d.cadence_id and c.deleted_at is null
		where d.seq - d.compacted_seq >= ${every}
		order by d.seq - d.compacted_seq desc limit 1000`);
	let done = 0;
	for (const { org_id: orgId, cadence_id: cadenceId } of rows) {
		if (options.signal?.aborted) break;
		try {
			await withOrg(db, orgId, (tx) => compactDocument(tx, { orgId, cadenceId }));
			failpoint('compact.committed');
			done++;
		} catch (error) {
			getLog().error({ err: error, orgId, cadenceId }, 'a document could not be compacted');
		}
	}
	return done;
}
