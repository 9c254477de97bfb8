import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { checkCriteria } from '#lib/domain/criteria/checkCriteria.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { compileWhere } from '../criteria/compileCriteria.ts';
import { getOrgTimeZone } from '../criteria/getOrgTimeZone.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { visibleRecords } from '../records/recordFilter.ts';

export type CountCriteriaInput = {
	moduleKey: string;
	criteria: Criteria;
	/** As a cadence sees it: all records, whoever looks. Only a count leaves. */
	audience?: boolean;
	timeoutMs?: number;
};

/**
 * CRM-6: how many records match, for the editor's live preview. Gives up after a second rather than holding a
 * connection.
 * @returns null when it took too long
 * @throws invalid with the pointer of the first problem; forbidden
 */
export async function countCriteria(
	tx: OrgTx,
	actor: Actor,
	input: CountCriteriaInput
): Promise<number | null> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'view');
	const [problem] = checkCriteria(input.criteria, module, { audience: input.audience ?? false });
	if (problem) throw new DomainError('invalid', problem.message, problem.pointer);
	const matches = compileWhere(input.criteria, module, {
		orgTimeZone: await getOrgTimeZone(tx),
		userId: actor.userId
	});
	const among = input.audience
		? sql`r.org_id = ${actor.orgId}::uuid and r.module_id = ${module.id}::uuid and r.deleted_at is null`
		: visibleRecords(actor, module);
	try {
		// A savepoint: a cancelled statement must not cost the caller's transaction.
		return await tx.transaction(async (inner) => {
			await inner.execute(
				sql`select set_config('statement_timeout', ${String(input.timeoutMs ?? 1000)}, true)`
			);
			const [row] = await inner.execute<{ n: number }>(
				sql`select count(*)::int as n from records r where ${among} and ${matches}`
			);
			await inner.execute(sql`select set_config('statement_timeout', '60000', true)`);
			return row?.n ?? 0;
		});
	} catch (error) {
		if ((error as { cause?: { code?: string } }).cause?.code === '57014') return null;
		throw error;
	}
}
