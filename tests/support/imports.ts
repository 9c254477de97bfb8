import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { ImportMapping } from '../../src/lib/domain/crm/importMapping.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { createImport } from '../../src/lib/server/imports/createImport.ts';
import { getImport } from '../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../src/lib/server/imports/startImport.ts';
import type { TestDatabase } from './db.ts';

export const csv = (...lines: string[]) => new TextEncoder().encode(lines.join('\n'));
/** Runs in transactions of the actor's organization, as the web does. */
export const as =
	(db: TestDatabase, actor: Actor) =>
	<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> =>
		withOrg(db.web, actor.orgId, fn);

/** Uploads, maps as suggested with changes, runs in the worker's role, and returns the ended import. */
export async function importFile(
	db: TestDatabase,
	actor: Actor,
	input: { moduleKey: string; content: Uint8Array; change?: (mapping: ImportMapping) => ImportMapping }
) {
	const run = as(db, actor);
	const { id, suggested } = await run((tx) =>
		createImport(tx, actor, { moduleKey: input.moduleKey, fileName: 'file.csv', content: input.content })
	);
	const mapping = input.change?.(suggested) ?? suggested;
	await run((tx) => startImport(tx, actor, { importId: id, mapping }));
	await runImport(db.worker, { orgId: actor.orgId, importId: id });
	return run((tx) => getImport(tx, actor, id));
}
