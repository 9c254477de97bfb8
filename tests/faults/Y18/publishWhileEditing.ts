import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { removeNode } from '../../../src/lib/collab/edits/removeNode.ts';
import { setNodeField } from '../../../src/lib/collab/edits/setNodeField.ts';
import { isDomainError } from '../../../src/lib/domain/errors.ts';
import { canonicalJson } from '../../../src/lib/domain/plan/canonicalJson.ts';
import { compilePlan } from '../../../src/lib/domain/plan/compilePlan.ts';
import { createSession } from '../../../src/lib/server/auth/sessions.ts';
import { getPublishContext } from '../../../src/lib/server/cadences/getPublishContext.ts';
import { hashPlan } from '../../../src/lib/server/cadences/hashPlan.ts';
import { publishCadence, type PublishResult } from '../../../src/lib/server/cadences/publishCadence.ts';
import { compactDocuments } from '../../../src/lib/server/collab/compactDocuments.ts';
import { createDoc } from '../../../src/lib/server/collab/gate.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { unpackJson } from '../../../src/lib/server/db/packedJson.ts';
import { makeCadence } from '../../support/cadences.ts';
import { days } from '../../support/draftOf.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openPage, startCollab } from '../../support/collabServer.ts';
import { useConfig } from '../../support/config.ts';
import { makeWorld, type World } from '../../support/engineWorld.ts';
import { liftedRates } from '../../support/liftedRates.ts';

const WRITERS = 3;
const COMPACT_EVERY = 10;
const MOST_ACTIONS = 12;

/** Compaction folds the log away: a copy tells later what the draft was at each number. */
async function copyLog(db: TestDatabase): Promise<void> {
	await db.admin.execute(
		sql`create table log_copy (cadence_id uuid, generation int, seq bigint, bytes bytea, primary key (cadence_id, generation, seq))`
	);
	await db.admin.execute(sql`
		create function copy_log() returns trigger language plpgsql security definer set search_path = public as $$ begin
			insert into log_copy values (new.cadence_id, new.generation, new.seq, new.bytes);
			return null;
		end $$`);
	await db.admin.execute(
		sql`create trigger copy_log after insert on document_updates for each row execute function copy_log()`
	);
}

/** Three people edit a draft without pause, whatever is published meanwhile; the draft can always be published. */
async function startWriters(db: TestDatabase, { actor, orgId }: World, cadenceId: string) {
	const server = await startCollab(db.urls.web, { limits: liftedRates });
	const { cookie } = await createSession(db.web, { orgId, userId: actor.userId }, {});
	let isRunning = true;
	let edits = 0;
	const pages = Array.from({ length: WRITERS }, () =>
		openPage({ port: server.port, cadenceId, generation: 2 }, { cookie: `${cookie.name}=${cookie.value}` })
	);
	await Promise.all(pages.map((page) => page.saved()));
	const writing = pages.map(async (page, writer) => {
		const own: string[] = [];
		for (let n = 0; isRunning; n++) {
			const kind = n % 4;
			if (kind === 0 && own.length < MOST_ACTIONS / WRITERS) {
				const node = {
					kind: 'task' as const,
					position: [n, writer] as [number, number],
					subject: `Look ${n}`
				};
				const from = {
					source: own.at(-1) ?? 'look',
					response: own.length ? 'created' : ['created', 'overdue', 'notCompleted'][writer]!
				};
				own.push(addAction(page.doc, { node, from, delay: days(1) }).id);
			} else if (kind === 1 && own.length === MOST_ACTIONS / WRITERS) removeNode(page.doc, own.pop()!);
			else if (kind === 2) moveNodes(page.doc, { look: [n, writer] });
			else setNodeField(page.doc, own.at(-1) ?? 'look', 'title', `Title ${writer} ${n}`);
			edits++;
			await sleep(5);
			if (n % 10 === 9) await page.saved();
		}
	});
	return {
		edits: () => edits,
		stop: async () => {
			isRunning = false;
			await Promise.all(writing);
			await Promise.all(pages.map((page) => page.saved()));
			for (const page of pages) page.destroy();
			await server.close();
		}
	};
}

/** Publishes again and again under the writers; then looks whether each version is the draft at the number it names. */
export async function publishWhileEditing(db: TestDatabase, publishes: number) {
	useConfig(db.urls);
	await copyLog(db);
	const world = await makeWorld(db);
	const { actor, orgId } = world;
	const cadenceId = await withOrg(db.web, orgId, (tx) => makeCadence(tx, actor, 'Edited'));
	const writers = await startWriters(db, world, cadenceId);
	let published = 0;
	let unchanged = 0;
	let version: number | null = null;
	try {
		while (published < publishes) {
			try {
				const done: PublishResult = await withOrg(db.web, orgId, (tx) =>
					publishCadence(tx, actor, { cadenceId, expectedVersion: version })
				);
				version = done.n;
				published++;
			} catch (error) {
				if (!isDomainError(error) || !error.message.startsWith('Nothing changed')) throw error;
				unchanged++;
			}
			if (published % COMPACT_EVERY === 0) await compactDocuments(db.worker, { every: 1 });
			await sleep(1);
		}
	} finally {
		await writers.stop();
	}
	const { different, distinct } = await compareVersions(db, world, cadenceId);
	return { published, unchanged, edits: writers.edits(), distinct, different };
}

async function compareVersions(db: TestDatabase, { actor, orgId }: World, cadenceId: string) {
	const versions = await db.admin.execute<{
		seq: string;
		generation: number;
		sha: string;
		graph: Uint8Array;
	}>(sql`
		select doc_seq::text as seq, doc_generation as generation, plan_sha256 as sha, graph
		from cadence_versions where cadence_id = ${cadenceId} order by n`);
	const log = await db.admin.execute<{ seq: string; bytes: Buffer }>(sql`
		select seq::text as seq, bytes from log_copy where cadence_id = ${cadenceId} and generation = 2 order by log_copy.seq`);
	const context = await withOrg(db.web, orgId, (tx) => getPublishContext(tx, actor, cadenceId));
	const doc = createDoc();
	let at = 0;
	let different = 0;
	for (const { seq, generation, sha, graph } of versions) {
		for (; at < log.length && Number(log[at]!.seq) <= Number(seq); at++) Y.applyUpdate(doc, log[at]!.bytes);
		const { draft } = projectDraft(doc);
		const compiled = compilePlan(draft, context);
		const same =
			generation === 2 &&
			'plan' in compiled &&
			hashPlan(compiled.plan) === sha &&
			canonicalJson(draft) === canonicalJson(unpackJson(graph));
		if (!same) different++;
	}
	return { different, distinct: new Set(versions.map(({ seq }) => seq)).size };
}
