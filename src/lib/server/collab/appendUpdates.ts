import { sql } from 'drizzle-orm';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';
import { notifyMentioned } from '../notifications/notifyMentioned.ts';
import type { DocumentKey } from './loadDocument.ts';
import type { PeerIdentity } from './peer.ts';
import type { SaidComment } from './watchComments.ts';

export type AppendEntry = {
	bytes: Uint8Array;
	author: Pick<PeerIdentity, 'userId' | 'sessionId' | 'epoch'>;
	/** Client ids that this update writes for the first time. */
	newClients: readonly number[];
	/** Comments in it: whom they name is told in the same transaction (COL-3). */
	said?: readonly SaidComment[];
};

export type AppendResult<E> =
	/** `first`..`last` are the log numbers of `stored`, in order. */
	| {
			kind: 'stored';
			stored: E[];
			first: number;
			last: number;
			/** Rights changed since the entry was taken in: look again. */
			stale: E[];
			/** A client id of it belongs to somebody else. */
			stolen: E[];
	  }
	| { kind: 'replaced' }
	| { kind: 'gone' };

/**
 * Appends updates to the log in one transaction (group commit). An update is stored only if its author's session and
 * epoch still hold at that moment: their rows are share-locked, so a revocation commits either before (and is seen) or
 * after. The document row's lock orders the writers of all processes.
 */
export function appendUpdates<E extends AppendEntry>(
	db: Db,
	key: DocumentKey,
	generation: number,
	entries: readonly E[],
	compactEvery: number
): Promise<AppendResult<E>> {
	return withOrg(db, key.orgId, async (tx) => {
		const valid = await lockAuthors(tx, key.orgId, entries);
		const stale = entries.filter(({ author }) => valid.get(author.sessionId) !== author.epoch);
		let stored = entries.filter((entry) => !stale.includes(entry));
		const stolen = stored.length ? await claimClients(tx, key, generation, stored) : [];
		stored = stored.filter((entry) => !stolen.includes(entry));
		if (!stored.length) return { kind: 'stored', stored, first: 0, last: -1, stale, stolen };
		const last = await insertUpdates(tx, key, generation, stored);
		if (last === null) {
			const [row] =
				await tx.execute(sql`select 1 from documents d join cadences c on c.org_id = d.org_id and c.id = d.cadence_id
				where d.org_id = ${key.orgId} and d.cadence_id = ${key.cadenceId} and c.deleted_at is null`);
			return { kind: row ? 'replaced' : 'gone' };
		}
		await notifyMentioned(
			tx,
			key,
			stored.flatMap(({ said }) => said ?? [])
		);
		const first = last - stored.length + 1;
		if (Math.floor(last / compactEvery) !== Math.floor((first - 1) / compactEvery))
			await enqueue(tx, 'compactDocuments', {}, { key: 'compactDocuments' });
		return { kind: 'stored', stored, first, last, stale, stolen };
	});
}

/**
 * Session -> epoch of those that hold. Rows that are being changed right now are skipped, not waited for: waiting
 * could deadlock with a profile change, and the caller looks again anyway.
 */
async function lockAuthors(
	tx: OrgTx,
	orgId: string,
	entries: readonly AppendEntry[]
): Promise<Map<string, number>> {
	const ids = [...new Set(entries.map(({ author }) => author.sessionId))];
	const rows = await tx.execute<{ id: string; epoch: number }>(sql`
		select s.id, u.epoch from sessions s join users u on u.org_id = s.org_id and u.id = s.user_id
		where s.org_id = ${orgId} and s.id = any(${sql.param(ids)}::text[]) and s.expires_at > now() and u.active
		for share of u skip locked for key share of s skip locked`);
	return new Map(rows.map(({ id, epoch }) => [id, epoch]));
}

async function claimClients<E extends AppendEntry>(
	tx: OrgTx,
	{ orgId, cadenceId }: DocumentKey,
	generation: number,
	entries: readonly E[]
): Promise<E[]> {
	const claims = entries.flatMap(({ newClients, author }) =>
		newClients.map((clientId) => ({ clientId, userId: author.userId }))
	);
	if (!claims.length) return [];
	const asJson = JSON.stringify(
		claims.map(({ clientId, userId }) => ({ client_id: clientId, user_id: userId }))
	);
	await tx.execute(sql`
		insert into document_clients (org_id, cadence_id, generation, client_id, user_id)
		select ${orgId}, ${cadenceId}, ${generation}, r.client_id, r.user_id
		from jsonb_to_recordset(${asJson}::jsonb) as r(client_id bigint, user_id uuid) on conflict do nothing`);
	const owners = await tx.execute<{ id: string; owner: string }>(sql`
		select client_id::text as id, user_id as owner from document_clients
		where org_id = ${orgId} and cadence_id = ${cadenceId} and generation = ${generation}
			and client_id = any(${sql.param(claims.map(({ clientId }) => clientId))}::bigint[])`);
	const ownerOf = new Map(owners.map(({ id, owner }) => [Number(id), owner]));
	return entries.filter(({ newClients, author }) =>
		newClients.some((clientId) => ownerOf.get(clientId) !== author.userId)
	);
}

/** The last log number, or null when the document has another generation or is gone. */
async function insertUpdates(
	tx: OrgTx,
	{ orgId, cadenceId }: DocumentKey,
	generation: number,
	entries: readonly AppendEntry[]
): Promise<number | null> {
	const rows = JSON.stringify(
		entries.map(({ bytes, author }, index) => ({
			n: index + 1,
			bytes: Buffer.from(bytes).toString('base64'),
			user_id: author.userId
		}))
	);
	const [row] = await tx.execute<{ last: string | null }>(sql`
		with d as (
			update documents d set seq = d.seq + ${entries.length}::int from cadences c
			where d.org_id = ${orgId} and d.cadence_id = ${cadenceId} and d.generation = ${generation}
				and c.org_id = d.org_id and c.id = d.cadence_id and c.deleted_at is null
			returning d.seq
		), added as (
			insert into document_updates (org_id, cadence_id, generation, seq, bytes, user_id)
			select ${orgId}, ${cadenceId}, ${generation}, d.seq - ${entries.length}::int + r.n, decode(r.bytes, 'base64'), r.user_id
			from d, jsonb_to_recordset(${rows}::jsonb) as r(n int, bytes text, user_id uuid)
			returning seq
		)
		select max(seq)::text as last from added`);
	return row?.last ? Number(row.last) : null;
}
