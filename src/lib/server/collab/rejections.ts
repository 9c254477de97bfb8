import { withOrg, type Db } from '../db/client.ts';
import { writeAudit } from '../audit.ts';
import type { Peer } from './peer.ts';

/** Counters of this process since its start; the metrics page reads them. */
export type CollabCounters = { stored: number; rejected: number; opened: number; refused: number };

/** RELIABILITY.md 3.2.4: who was closed for an edit that the gate refused, and why. */
export const auditRejection = (db: Db, peer: Peer, reason: string): Promise<void> =>
	withOrg(db, peer.key.orgId, (tx) =>
		writeAudit(
			tx,
			{ orgId: peer.key.orgId, userId: peer.identity.userId },
			{
				action: 'document.reject',
				objectType: 'cadence',
				objectId: peer.key.cadenceId,
				after: { reason }
			}
		)
	);
