import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { modules } from '../db/schema/crm.ts';

/** CRM-1: deleted custom modules, the latest first: what `restoreModule` can bring back. */
export const listDeletedModules = (tx: OrgTx) =>
	tx
		.select({ key: modules.key, plural: modules.plural, deletedAt: modules.deletedAt })
		.from(modules)
		.where(and(eq(modules.orgId, currentOrg), isNotNull(modules.deletedAt)))
		.orderBy(desc(modules.deletedAt))
		.limit(50);
