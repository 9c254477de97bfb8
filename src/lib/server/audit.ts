import { auditEntries } from './db/schema/accounts.ts';
import { newId } from './db/id.ts';
import type { OrgTx } from './db/client.ts';

export type AuditEntry = {
	/** `cadence.publish`, `record.update`, ...: noun and verb of the operation. */
	action: string;
	objectType: string;
	objectId?: string | null;
	/** What changed, without secrets. Omit for what has no earlier or later state. */
	before?: unknown;
	after?: unknown;
	ip?: string;
	requestId?: string;
};

/** `userId` null: done by the system (a rule, the engine). */
export type AuditActor = { orgId: string; userId: string | null };

/**
 * RELIABILITY.md 4: one entry in the transaction of the change; the table can only be appended to.
 * Many at once (bulk work) are one statement.
 */
export async function writeAudit(
	tx: OrgTx,
	actor: AuditActor,
	entry: AuditEntry | readonly AuditEntry[]
): Promise<void> {
	const entries = Array.isArray(entry) ? (entry as readonly AuditEntry[]) : [entry as AuditEntry];
	if (!entries.length) return;
	await tx.insert(auditEntries).values(
		entries.map(({ objectId, ...rest }) => ({
			...rest,
			orgId: actor.orgId,
			id: newId(),
			actorId: actor.userId,
			objectId: objectId ?? null
		}))
	);
}
