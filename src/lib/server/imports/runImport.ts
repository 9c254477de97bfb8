import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { loadActor } from '../auth/loadActor.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import { withOrg, type Db, type OrgTx } from '../db/client.ts';
import { lastingReason } from '../lastingReason.ts';
import { getModule } from '../modules/getModule.ts';
import type { ImportSettings } from './createImport.ts';
import { endImport } from './endImport.ts';
import { importChunk, type ChunkResult } from './importChunk.ts';
import { mappedFields } from './mappedFields.ts';
import { unpackFile } from './packedFile.ts';
import { readCsv } from './readCsv.ts';
import { runUndo } from './runUndo.ts';
import type { FileRow, ImportContext } from './readRows.ts';

/** Rows per transaction: a few hundred milliseconds of work that a kill -9 throws away. */
const chunkRows = 1000;

type Job = { orgId: string; importId: string };
type StoredImport = {
	status: string;
	processed: number;
	module_id: string;
	created_by: string;
	settings: ImportSettings;
	content: Uint8Array | null;
};

/**
 * CRM-4: imports the rows of a started import, chunk by chunk; each chunk commits its records together with the progress,
 * so a killed worker goes on where it stopped and makes nothing twice. Ends early when cancelled or asked to stop.
 */
export async function runImport(db: Db, job: Job, options: { signal?: AbortSignal } = {}): Promise<void> {
	const [found] = await withOrg(db, job.orgId, (tx) =>
		tx.execute<StoredImport>(sql`
			select status, processed, module_id, created_by, settings, content from imports
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid`)
	);
	if (found?.status === 'undoing') return runUndo(db, job, options);
	if (found?.status !== 'running' || !found.content) return;
	try {
		const context = await withOrg(db, job.orgId, async (tx) =>
			contextOf(tx, await actorOf(tx, job, found), found)
		);
		let chunk: FileRow[] = [];
		let row = -1;
		for await (const cells of readCsv(await unpackFile(found.content))) {
			row += 1;
			if (row <= found.processed) continue; // the header is row 0
			chunk.push({ row, cells });
			if (chunk.length < chunkRows) continue;
			if (options.signal?.aborted) throw new Error('Stopped between two chunks; the job goes on later.');
			if (!(await commitChunk(db, job, context, chunk))) return;
			chunk = [];
		}
		if (chunk.length && !(await commitChunk(db, job, context, chunk))) return;
		await withOrg(db, job.orgId, (tx) => endImport(tx, job, 'done', null));
	} catch (error) {
		const reason = options.signal?.aborted ? null : reasonOf(error);
		if (reason === null) throw error; // the queue tries again
		await withOrg(db, job.orgId, (tx) => endImport(tx, job, 'failed', reason));
	}
}

async function actorOf(tx: OrgTx, job: Job, found: StoredImport): Promise<Actor> {
	const loaded = await loadActor(tx, job.orgId, found.created_by);
	if (!loaded) throw new DomainError('forbidden', 'The person who started the import is no longer active.');
	return loaded.actor;
}

/** Permissions are those of now, not of when the import was started. */
async function contextOf(tx: OrgTx, actor: Actor, found: StoredImport): Promise<ImportContext> {
	const module = await getModule(tx, found.module_id);
	requireModule(actor, module.key, 'create');
	const { mapping, columns } = found.settings;
	if (!mapping) throw new DomainError('invalid', 'The import has no mapping.');
	const mapped = mappedFields(actor, module, columns, mapping);
	return { actor, module, mapped, mapping, timeZone: await getOrgTimeZone(tx) };
}

/** @returns false when the import was cancelled, or another worker is at it */
async function commitChunk(
	db: Db,
	job: Job,
	context: ImportContext,
	chunk: readonly FileRow[]
): Promise<boolean> {
	return withOrg(db, job.orgId, async (tx) => {
		const [state] = await tx.execute<{ status: string; processed: number }>(sql`
			select status, processed from imports
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid for update`);
		if (state?.status !== 'running' || state.processed !== chunk[0]!.row - 1) return false;
		const result = await importChunk(tx, context, job.importId, chunk);
		await tellIssues(tx, job, context, result);
		await tx.execute(sql`
			update imports set processed = processed + ${chunk.length}::int, created = created + ${result.created}::int,
				updated = updated + ${result.updated}::int, skipped = skipped + ${result.skipped}::int,
				failed = failed + ${result.failed}::int
			where org_id = ${job.orgId}::uuid and id = ${job.importId}::uuid`);
		return true;
	});
}

async function tellIssues(tx: OrgTx, job: Job, context: ImportContext, result: ChunkResult): Promise<void> {
	const rows = result.told.flatMap(({ row, cells, issues }) => {
		const raw = Object.fromEntries(
			context.mapped.map(({ column }) => [column.header, cells[column.index] ?? ''])
		);
		return issues.map((issue) => ({ ...issue, row, raw }));
	});
	if (!rows.length) return;
	await tx.execute(sql`
		insert into import_errors (org_id, import_id, "row", "column", severity, message, raw)
		select ${job.orgId}::uuid, ${job.importId}::uuid, n."row", n."column", n.severity, n.message, n.raw
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
			as n("row" int, "column" text, severity text, message text, raw jsonb)
		on conflict (org_id, import_id, "row", "column") do nothing`);
}

/** Words for people when trying again cannot help; null when it can. */
function reasonOf(error: unknown): string | null {
	const code = (error as { cause?: { code?: string } }).cause?.code ?? '';
	// Data and constraint errors come back however often they are tried; lost connections and locks do not.
	return /^(22|23|54)/.test(code)
		? `The database refused a row (${code}). The rows before it were imported.`
		: lastingReason(error);
}
