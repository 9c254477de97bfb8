import { sql } from 'drizzle-orm';
import { closeCodes } from '#lib/collab/closeCodes.ts';
import { can } from '#lib/domain/access/permissions.ts';
import type { ProfilePermissions } from '#lib/domain/access/actor.ts';
import { withOrg, type Db } from '../db/client.ts';
import type { Peer } from './peer.ts';

type Row = { session_id: string; name: string; epoch: number; permissions: ProfilePermissions };

/**
 * RELIABILITY.md 3.2.8: looks at session, user and profile of open sockets again, one query per organization. Who is
 * signed out or switched off is closed with 4401, who lost a right with 4403; a right that was gained works at once.
 */
export async function recheckPeers(db: Db, peers: readonly Peer[]): Promise<void> {
	const byOrg = Map.groupBy(
		peers.filter((peer) => peer.isOpen),
		(peer) => peer.key.orgId
	);
	for (const [orgId, members] of byOrg) {
		const rows = await readRights(db, orgId, [...new Set(members.map((peer) => peer.identity.sessionId))]);
		const bySession = new Map(rows.map((row) => [row.session_id, row]));
		for (const peer of members) applyRights(peer, bySession.get(peer.identity.sessionId));
	}
}

const readRights = (db: Db, orgId: string, sessionIds: string[]) =>
	withOrg(db, orgId, (tx) =>
		tx.execute<Row>(sql`
			select s.id as session_id, u.name, u.epoch, p.permissions
			from sessions s
			join users u on u.org_id = s.org_id and u.id = s.user_id and u.active
			join profiles p on p.org_id = u.org_id and p.id = u.profile_id
			where s.org_id = ${orgId} and s.id = any(${sql.param(sessionIds)}::text[]) and s.expires_at > now()`)
	);

function applyRights(peer: Peer, row: Row | undefined): void {
	if (!row) {
		peer.identity = { ...peer.identity, canEdit: false };
		return peer.close(closeCodes.signedOut, 'signed out');
	}
	const canEdit = can(row, 'cadences.manage');
	const lost = !can(row, 'cadences.view') || (peer.identity.canEdit && !canEdit);
	peer.identity = { ...peer.identity, name: row.name, epoch: row.epoch, canEdit };
	if (lost) peer.close(closeCodes.forbidden, 'permissions changed');
}
