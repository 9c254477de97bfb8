import { sql } from 'drizzle-orm';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import type { RecordRow } from './recordRow.ts';

/** Names of the users and looked-up records that the rows mention: two statements for a whole page. */
export async function namesOf(
	tx: OrgTx,
	module: ModuleDefinition,
	rows: readonly RecordRow[]
): Promise<Record<string, string>> {
	const lookups = module.fields.filter((field) => field.type === 'lookup').map((field) => field.key);
	const people = module.fields.filter((field) => field.type === 'user').map((field) => field.key);
	const ids = (keys: string[]) => rows.flatMap((row) => keys.map((key) => row.data[key])).filter(isId);
	const users = new Set([
		...ids(people),
		...rows.flatMap((row) => [row.ownerId, row.createdBy, row.modifiedBy])
	]);
	const targets = new Set(ids(lookups));
	const found = [
		...(await tx.execute<Named>(
			sql`select id, name from users where org_id = app.org_id() and id = any(${listParam(users)}::uuid[])`
		)),
		...(targets.size
			? await tx.execute<Named>(
					sql`select id, name from records where org_id = app.org_id() and id = any(${listParam(targets)}::uuid[])`
				)
			: [])
	];
	return Object.fromEntries(found.map(({ id, name }) => [id, name]));
}

type Named = { id: string; name: string };
const listParam = (ids: Set<unknown>) => sql.param([...ids].filter(isId));
