import { sql, type SQL } from 'drizzle-orm';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { assumedCommon } from '../criteria/assumedCommon.ts';
import type { OrgTx } from '../db/client.ts';

/** So many matches are joined by id; with more, walking the list meets a page of them soon. */
const mostIds = 1000;

/**
 * CRM-7: records whose name, e-mail, company or phone contains the text (three letters or more, by the trigram
 * index), or whose name begins with it (fewer).
 */
export async function searchCondition(
	tx: OrgTx,
	module: ModuleDefinition,
	text: string,
	deleted = false
): Promise<SQL> {
	const wanted = text.trim().toLowerCase().slice(0, 200);
	if ([...wanted].length < 3) {
		const last = [...wanted].at(-1)!;
		const after = [...wanted].slice(0, -1).join('') + String.fromCodePoint(last.codePointAt(0)! + 1);
		// A range, not LIKE: only comparisons are leakproof and so may use the index under row level security.
		return sql`r.name_sort >= ${wanted}::text and r.name_sort < ${after}::text`;
	}
	const pattern = `%${wanted.replace(/[\\%_]/g, '\\$&')}%`;
	// The index holds the living; the recycle bin is small.
	if (deleted) return sql`r.search like ${pattern}::text`;
	const found = await tx.execute<{ id: string }>(
		sql`select id from app.search_records(${module.id}::uuid, ${pattern}::text, ${mostIds + 1}::int) as id`
	);
	if (found.length > mostIds) return assumedCommon(sql`r.search like ${pattern}::text`);
	return sql`r.id = any(${sql.param(found.map((row) => row.id))}::uuid[])`;
}
