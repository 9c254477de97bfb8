import { and, asc, eq, lte, sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { edgesOf, nodesOf, settingsOf } from '#lib/collab/layout.ts';
import type { OrgTx } from '../db/client.ts';
import { documents, documentSnapshots, documentUpdates } from '../db/schema/cadences.ts';
import { createDoc } from './gate.ts';
import { loadOwners, type DocumentKey } from './loadDocument.ts';

/** Ids of the users who touched a part of a draft: `nodes/<id>`, `edges/<key>`, `settings/<name>`. */
export type ChangeAuthors = ReadonlyMap<string, ReadonlySet<string>>;

/** Positions and notes are no change of what a cadence does (VER-4). */
const silent: ReadonlySet<string> = new Set(['pos', 'notes']);

/**
 * VER-2: who changed which part of the draft since a version was published. The log is played again and each entry
 * belongs to its writer; of what compaction has folded only the last writer of each value is known, by the client it
 * was written with. A part of which nothing is known is left out.
 */
export async function readChangeAuthors(
	tx: OrgTx,
	key: DocumentKey,
	since: { generation: number; seq: number } | null
): Promise<ChangeAuthors> {
	const log = await readLog(tx, key);
	const authors = new Map<string, Set<string>>();
	const add = (path: string, userId: string | null | undefined) => {
		if (!userId) return;
		const known = authors.get(path);
		if (known) known.add(userId);
		else authors.set(path, new Set([userId]));
	};
	// Of an older generation every entry of this one is newer.
	const from = since?.generation === log.generation ? since.seq : 0;
	const doc = createDoc();
	if (log.snapshot) {
		Y.applyUpdate(doc, log.snapshot.bytes);
		if (log.snapshot.seq > from)
			for (const [path, client] of lastWriters(doc)) add(path, log.owners.get(client));
	}
	let writer: string | null = null;
	const note = (root: string) => (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
		if (writer !== null) for (const path of touched(root, events)) add(path, writer);
	};
	nodesOf(doc).observeDeep(note('nodes'));
	edgesOf(doc).observeDeep(note('edges'));
	settingsOf(doc).observeDeep(note('settings'));
	for (const { seq, bytes, userId } of log.updates) {
		writer = seq > from ? userId : null;
		Y.applyUpdate(doc, bytes);
	}
	doc.destroy();
	return authors;
}

function touched(root: string, events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): string[] {
	return events.flatMap((event) => {
		const [id, field] = event.path;
		const keys = [...event.changes.keys.keys()];
		if (id === undefined) return keys.map((name) => `${root}/${name}`);
		const fields = field === undefined ? keys : [String(field)];
		return fields.some((name) => !silent.has(name)) ? [`${root}/${String(id)}`] : [];
	});
}

/** The client that wrote the present value of each part. */
function* lastWriters(doc: Y.Doc): Generator<[path: string, client: number]> {
	for (const [root, map] of [
		['nodes', nodesOf(doc)],
		['edges', edgesOf(doc)]
	] as const)
		for (const [id, value] of map.entries()) {
			if (!(value instanceof Y.Map)) continue;
			for (const [field, item] of value._map)
				if (!item.deleted && !silent.has(field)) yield [`${root}/${id}`, item.id.client];
		}
	for (const [name, item] of settingsOf(doc)._map)
		if (!item.deleted) yield [`settings/${name}`, item.id.client];
}

async function readLog(tx: OrgTx, { orgId, cadenceId }: DocumentKey) {
	const of = <T extends typeof documentUpdates | typeof documentSnapshots>(table: T, generation: number) =>
		and(eq(table.orgId, orgId), eq(table.cadenceId, cadenceId), eq(table.generation, generation));
	const [head] = await tx
		.select({ generation: documents.generation, seq: documents.seq })
		.from(documents)
		.where(and(eq(documents.orgId, orgId), eq(documents.cadenceId, cadenceId)));
	const generation = head?.generation ?? 1;
	const log = await tx
		.select({ seq: documentUpdates.seq, bytes: documentUpdates.bytes, userId: documentUpdates.userId })
		.from(documentUpdates)
		.where(and(of(documentUpdates, generation), lte(documentUpdates.seq, head?.seq ?? 0)))
		.orderBy(asc(documentUpdates.seq));
	// After the log: what is folded in between is in the snapshot then, and nowhere missing.
	const [snapshot] = await tx
		.select({ seq: documentSnapshots.seq, bytes: documentSnapshots.bytes })
		.from(documentSnapshots)
		.where(of(documentSnapshots, generation))
		.orderBy(sql`seq desc`)
		.limit(1);
	const updates = log.filter(({ seq }) => seq > (snapshot?.seq ?? 0));
	return { generation, snapshot, updates, owners: await loadOwners(tx, { orgId, cadenceId }, generation) };
}
