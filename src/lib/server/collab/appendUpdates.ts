import { sql } from 'drizzle-orm';
import { withOrg, type Db, type Executor } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
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
 * Appends updates to the log in one transaction (group commit) and, as a rule, one round trip. An update is stored only if
 * its author's session and epoch still hold at that moment: their rows are share-locked, so a revocation commits either
 * before (and is seen) or after. The document row's lock orders the writers of all processes.
 */
export async function appendUpdates<E extends AppendEntry>(
	db: Db,
	key: DocumentKey,
	generation: number,
	entries: readonly E[],
	compactEvery: number
): Promise<AppendResult<E>> {
	const said = entries.some((entry) => entry.said?.length);
	const result = said
		? await withOrg(db, key.orgId, async (tx) => {
				const done = await append(tx, key, generation, entries);
				if (done.kind === 'stored')
					await notifyMentioned(
						tx,
						key,
						done.stored.flatMap((entry) => entry.said ?? [])
					);
				return done;
			})
		: await append(db, key, generation, entries);
	if (result.kind !== 'stored') return { kind: (await isThere(db, key)) ? 'replaced' : 'gone' };
	const { first, last } = result;
	if (result.stored.length && Math.floor(last / compactEvery) !== Math.floor((first - 1) / compactEvery))
		await enqueue(db, 'compactDocuments', {}, { key: 'compactDocuments' });
	return result;
}

type Appended<E> = Extract<AppendResult<E>, { kind: 'stored' }> | { kind: 'missing' };

/** What the function in the database does and answers is written there. */
async function append<E extends AppendEntry>(
	tx: Executor,
	{ orgId, cadenceId }: DocumentKey,
	generation: number,
	entries: readonly E[]
): Promise<Appended<E>> {
	const authors = new Map<string, { n: number; author: AppendEntry['author'] }>();
	const entryAuthors = entries.map(({ author }) => {
		const id = `${author.sessionId} ${author.epoch}`;
		const known = authors.get(id) ?? { n: authors.size + 1, author };
		authors.set(id, known);
		return known.n;
	});
	const people = [...authors.values()].map(({ author }) => author);
	let end = 0;
	const ends = entries.map(({ bytes }) => (end += bytes.byteLength));
	const claims = entries.flatMap(({ newClients }, index) =>
		newClients.map((clientId) => ({ clientId, entry: index + 1 }))
	);
	type Row = { stale: number[]; stolen: number[]; last: string | null };
	const [row] = await executePrepared<Row>(
		tx,
		sql`select stale, stolen, last_seq::text as last from app.append_updates(${orgId}::uuid, ${cadenceId}::uuid,
			${generation}::int, ${sql.param(people.map(({ sessionId }) => sessionId))}::text[],
			${sql.param(people.map(({ epoch }) => epoch))}::int[], ${sql.param(people.map(({ userId }) => userId))}::uuid[],
			${sql.param(entryAuthors)}::int[], ${sql.param(ends)}::int[],
			${sql.param(Buffer.concat(entries.map(({ bytes }) => bytes)))}::bytea,
			${sql.param(claims.map(({ clientId }) => clientId))}::bigint[],
			${sql.param(claims.map(({ entry }) => entry))}::int[])`
	);
	const { last, ...refused } = row!;
	const stale = refused.stale.map((n) => entries[n - 1]!);
	const stolen = refused.stolen.map((n) => entries[n - 1]!);
	const gone = new Set([...refused.stale, ...refused.stolen]);
	const stored = gone.size ? entries.filter((_entry, index) => !gone.has(index + 1)) : [...entries];
	if (!stored.length) return { kind: 'stored', stored, first: 0, last: -1, stale, stolen };
	if (last === null) return { kind: 'missing' };
	return {
		kind: 'stored',
		stored,
		first: Number(last) - stored.length + 1,
		last: Number(last),
		stale,
		stolen
	};
}

async function isThere(db: Db, { orgId, cadenceId }: DocumentKey): Promise<boolean> {
	const rows = await withOrg(db, orgId, (tx) =>
		tx.execute(sql`select 1 from documents d join cadences c on c.org_id = d.org_id and c.id = d.cadence_id
			where d.org_id = ${orgId} and d.cadence_id = ${cadenceId} and c.deleted_at is null`)
	);
	return rows.length > 0;
}
