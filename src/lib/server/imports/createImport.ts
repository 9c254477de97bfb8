import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { suggestMapping, type ImportColumn, type ImportMapping } from '#lib/domain/crm/importMapping.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { imports } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { inspectCsv } from './inspectCsv.ts';
import { packFile } from './packedFile.ts';

/** What imports.settings holds. `mapping` is there once the import was started. */
export type ImportSettings = { columns: ImportColumn[]; suggested: ImportMapping; mapping?: ImportMapping };
export type CreatedImport = { id: string; total: number; columns: ImportColumn[]; suggested: ImportMapping };

/**
 * CRM-4: takes an uploaded CSV file (64 MB, 100,000 rows) and suggests a mapping; nothing is imported yet.
 * @throws forbidden, invalid, limit
 */
export async function createImport(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; fileName: string; content: Uint8Array }
): Promise<CreatedImport> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'create');
	const { total, columns } = await inspectCsv(input.content);
	const suggested: ImportMapping = {
		columns: suggestMapping(columns, module),
		duplicates: null,
		addOptions: true,
		dateOrder: columns.map((column) => column.dateOrder ?? null).find((order) => order !== null) ?? null,
		strictAddresses: false
	};
	const id = newId();
	const settings: ImportSettings = { columns, suggested };
	await tx.insert(imports).values({
		orgId: actor.orgId,
		id,
		moduleId: module.id,
		fileName: input.fileName.slice(0, 255),
		content: await packFile(input.content),
		settings,
		total,
		createdBy: actor.userId
	});
	await writeAudit(tx, actor, {
		action: 'import.upload',
		objectType: 'import',
		objectId: id,
		after: { fileName: input.fileName.slice(0, 255), rows: total }
	});
	return { id, total, columns, suggested };
}
