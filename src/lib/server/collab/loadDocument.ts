import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { documentClients, documentUpdates } from '../db/schema/cadences.ts';

export type StoredDocument = {
	generation: number;
	/** The last log number that `updates` contains. */
	seq: number;
	/** The newest snapshot and everything logged after it, in order. */
	updates: Uint8Array[];
};

export type DocumentKey = { orgId: string; cadenceId: string };

const ofDocument = (
	table: typeof documentUpdates | typeof documentClients,
	{ orgId, cadenceId }: DocumentKey,
	generation: number
) => and(eq(table.orgId, orgId), eq(table.cadenceId, cadenceId), eq(table.generation, generation));

/**
 * Reads a whole document as of one moment, in one statement: nobody has to wait for it, whatever the transaction goes
 * on to do. With `lock` nobody can write until the transaction ends.
 * @throws DomainError `not_found` also for a deleted cadence
 */
export async function loadDocument(
	tx: OrgTx,
	{ orgId, cadenceId }: DocumentKey,
	options: { lock?: boolean } = {}
): Promise<StoredDocument> {
	if (options.lock)
		await tx.execute(
			sql`select 1 from documents where org_id = ${orgId} and cadence_id = ${cadenceId} for update`
		);
	const rows = await tx.execute<{ generation: number; seq: string; bytes: Uint8Array | null }>(sql`
		with head as (
			select d.generation, d.seq from documents d join cadences c on c.org_id = d.org_id and c.id = d.cadence_id
			where d.org_id = ${orgId} and d.cadence_id = ${cadenceId} and c.deleted_at is null
		), newest as (
			select s.seq, s.bytes from document_snapshots s join head h on h.generation = s.generation
			where s.org_id = ${orgId} and s.cadence_id = ${cadenceId} order by s.seq desc limit 1
		), parts as (
			select seq, bytes from newest
			union all
			select u.seq, u.bytes from document_updates u join head h on h.generation = u.generation
			where u.org_id = ${orgId} and u.cadence_id = ${cadenceId}
				and u.seq > coalesce((select seq from newest), 0)
		)
		select h.generation, h.seq::text as seq, p.bytes from head h left join parts p on true order by p.seq`);
	const [head] = rows;
	if (!head) throw new DomainError('not_found', 'This cadence is no longer there.');
	return {
		generation: head.generation,
		seq: Number(head.seq),
		updates: rows.flatMap(({ bytes }) => bytes ?? [])
	};
}

export const readLog = (
	tx: OrgTx,
	key: DocumentKey,
	generation: number,
	after: number
): Promise<{ seq: number; bytes: Uint8Array }[]> =>
	tx
		.select({ seq: documentUpdates.seq, bytes: documentUpdates.bytes })
		.from(documentUpdates)
		.where(and(ofDocument(documentUpdates, key, generation), gt(documentUpdates.seq, after)))
		.orderBy(asc(documentUpdates.seq));

/** Who owns which Yjs client id: the first writer; nobody else may write it. */
export async function loadOwners(
	tx: OrgTx,
	key: DocumentKey,
	generation: number
): Promise<Map<number, string>> {
	const rows = await tx
		.select({ clientId: documentClients.clientId, userId: documentClients.userId })
		.from(documentClients)
		.where(ofDocument(documentClients, key, generation));
	return new Map(rows.map(({ clientId, userId }) => [clientId, userId]));
}
