import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { fields } from '../db/schema/crm.ts';

/** CRM-3: deleted fields of a module, the latest first: what `restoreField` can bring back. */
export const listDeletedFields = (tx: OrgTx, moduleId: string) =>
	tx
		.select({ key: fields.key, label: fields.label, type: fields.type, deletedAt: fields.deletedAt })
		.from(fields)
		.where(and(eq(fields.orgId, currentOrg), eq(fields.moduleId, moduleId), isNotNull(fields.deletedAt)))
		.orderBy(desc(fields.deletedAt))
		.limit(50);
