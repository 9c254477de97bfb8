import { sql } from 'drizzle-orm';
import { isDomainError } from '#lib/domain/errors.ts';
import { withOrg, type Db } from '../db/client.ts';
import { loadDocument, readLog, type DocumentKey, type StoredDocument } from './loadDocument.ts';

/**
 * What was stored after a log number. When the generation changed or compaction folded part of it, the whole document.
 * Null when the cadence is gone.
 */
export function readAfter(
	db: Db,
	key: DocumentKey,
	generation: number,
	seq: number
): Promise<StoredDocument | null> {
	return withOrg(db, key.orgId, async (tx) => {
		const head = await loadHead(tx, key);
		if (!head) return null;
		// The log may have moved on since: what counts is that nothing is missing in it.
		const log = await readLog(tx, key, generation, seq);
		const last = log.at(-1)?.seq ?? seq;
		const isWhole = head.generation === generation && last >= head.seq && log.length === last - seq;
		if (isWhole) return { generation, seq: last, updates: log.map(({ bytes }) => bytes) };
		return await loadDocument(tx, key);
	}).catch((error: unknown) => {
		if (isDomainError(error) && error.code === 'not_found') return null;
		throw error;
	});
}

type Head = { generation: number; seq: number };
type Tx = Parameters<Parameters<typeof withOrg>[2]>[0];

async function loadHead(tx: Tx, { orgId, cadenceId }: DocumentKey): Promise<Head | null> {
	const [row] = await tx.execute<{ generation: number; seq: string }>(sql`
		select d.generation, d.seq::text as seq from documents d join cadences c on c.org_id = d.org_id and c.id = d.cadence_id
		where d.org_id = ${orgId} and d.cadence_id = ${cadenceId} and c.deleted_at is null`);
	return row ? { generation: row.generation, seq: Number(row.seq) } : null;
}

/** Generation and last log number of many documents; deleted cadences are missing. One query per organization. */
export async function readHeads(db: Db, keys: readonly DocumentKey[]): Promise<Map<string, Head>> {
	const heads = new Map<string, Head>();
	for (const [orgId, members] of Map.groupBy(keys, (key) => key.orgId)) {
		const ids = members.map(({ cadenceId }) => cadenceId);
		const rows = await withOrg(db, orgId, (tx) =>
			tx.execute<{ id: string; generation: number; seq: string }>(sql`
				select d.cadence_id as id, d.generation, d.seq::text as seq
				from documents d join cadences c on c.org_id = d.org_id and c.id = d.cadence_id
				where d.org_id = ${orgId} and d.cadence_id = any(${sql.param(ids)}::uuid[]) and c.deleted_at is null`)
		);
		for (const { id, generation, seq } of rows) heads.set(id, { generation, seq: Number(seq) });
	}
	return heads;
}
