import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { recordFilter, type RecordFilter } from './recordFilter.ts';

/** Counting on and on helps nobody; beyond this a list shows "100,000+". */
const most = 100_000;

/** CRM-7: how many records the list holds; `more` when there are more than `count`. */
export async function countRecords(
	tx: OrgTx,
	actor: Actor,
	input: RecordFilter & { moduleKey: string }
): Promise<{ count: number; more: boolean }> {
	const module = await getModule(tx, input.moduleKey);
	const where = await recordFilter(tx, actor, module, input);
	const [row] = await tx.execute<{ n: number }>(
		sql`select count(*)::int as n from (select 1 from records r where ${where} limit ${most + 1}) as found`
	);
	const n = row?.n ?? 0;
	return { count: Math.min(n, most), more: n > most };
}
