import { sql, type SQL } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/**
 * UNE-7, UNE-1: before runs of these records begin or go on: who deletes or changes one of them meanwhile comes after this
 * transaction and finds its run. Without it the change is looked at while nobody can see the run yet, and never again.
 * Records come before runs, in id order, as where they are deleted or merged. `ids`: an array of their ids.
 */
export const holdRecords = (tx: OrgTx, orgId: string, ids: SQL): Promise<unknown> =>
	tx.execute(sql`
		select 1 from records r where r.org_id = ${orgId}::uuid and r.id = any(${ids}) order by r.id for share of r`);
