import { and, asc, eq, isNull } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { cadences } from '../db/schema/cadences.ts';

export type ViewUser = { cadenceId: string; name: string; state: 'draft' | 'active' | 'inactive' };

/** CRM-6: the cadences whose audience is the view. */
export function viewUsers(tx: OrgTx, viewId: string): Promise<ViewUser[]> {
	return tx
		.select({ cadenceId: cadences.id, name: cadences.name, state: cadences.state })
		.from(cadences)
		.where(and(eq(cadences.orgId, currentOrg), eq(cadences.viewId, viewId), isNull(cadences.deletedAt)))
		.orderBy(asc(cadences.name));
}
