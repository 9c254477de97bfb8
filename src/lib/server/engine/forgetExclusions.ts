import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import type { CadenceContext } from './cadenceContext.ts';

/** VER-5: who has left the view once may come in by it later. */
export async function forgetExclusions(
	tx: OrgTx,
	cadence: CadenceContext,
	left: readonly string[]
): Promise<void> {
	if (!left.length) return;
	await tx.execute(sql`
		delete from view_exclusions where org_id = ${cadence.orgId}::uuid and cadence_id = ${cadence.id}::uuid
			and record_id = any(${sql.param([...left])}::uuid[])`);
}
