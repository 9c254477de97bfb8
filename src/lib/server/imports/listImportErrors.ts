import { and, asc, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { importErrors } from '../db/schema/crm.ts';
import { getImport } from './getImport.ts';

export type ImportErrorPlace = { row: number; column: string };
export type ImportErrorRow = Omit<typeof importErrors.$inferSelect, 'orgId' | 'importId'>;

/**
 * CRM-4: what was wrong with which row and column; `raw` is the row as it came, by header. Row 1 is the first below the
 * header.
 * @param input.after row and column of the last entry of the page before: one row may have several
 */
export async function listImportErrors(
	tx: OrgTx,
	actor: Actor,
	input: { importId: string; severity?: 'error' | 'warning'; after?: ImportErrorPlace; limit?: number }
): Promise<ImportErrorRow[]> {
	const { id } = await getImport(tx, actor, input.importId);
	return tx
		.select({
			row: importErrors.row,
			column: importErrors.column,
			severity: importErrors.severity,
			message: importErrors.message,
			raw: importErrors.raw
		})
		.from(importErrors)
		.where(
			and(
				eq(importErrors.orgId, actor.orgId),
				eq(importErrors.importId, id),
				input.severity ? eq(importErrors.severity, input.severity) : undefined,
				input.after &&
					sql`(${importErrors.row}, ${importErrors.column}) > (${input.after.row}::int, ${input.after.column}::text)`
			)
		)
		.orderBy(asc(importErrors.row), asc(importErrors.column))
		.limit(Math.min(input.limit ?? 100, 1000));
}
