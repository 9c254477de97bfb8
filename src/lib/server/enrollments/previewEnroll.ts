import { sql, type SQL } from 'drizzle-orm';
import { type z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { lookupOf } from '../engine/recipients.ts';
import { getModule } from '../modules/getModule.ts';
import { classifyRecords } from './classifyRecords.ts';
import { enrollSchema, type EnrollResult } from './enrollInput.ts';
import { requireCadence } from './requireCadence.ts';
import { resolveSelection } from './resolveSelection.ts';

export type EnrollPreview = EnrollResult & { total: number; missingAddress: number };

const chunk = 5_000;

/**
 * ENR-6 [+]: the dry run: how many would be enrolled, how many skipped by reason, and how many of those enrolled would
 * fail at an e-mail for want of an address. Changes nothing.
 */
export async function previewEnroll(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof enrollSchema>
): Promise<EnrollPreview> {
	requirePermission(actor, 'cadences.enroll');
	const { cadenceId, records } = enrollSchema.parse(input);
	const cadence = await requireCadence(tx, actor, cadenceId);
	const module = await getModule(tx, cadence.moduleId);
	requireModule(actor, module.key, 'view');
	const ids = await resolveSelection(tx, actor, module, records);
	const preview: EnrollPreview = { total: ids.length, enrolled: 0, skipped: {}, missingAddress: 0 };
	for (let at = 0; at < ids.length; at += chunk) {
		const rows = await classifyRecords(tx, actor, cadence, ids.slice(at, at + chunk));
		const wanted = rows.filter((row) => row.outcome === 'ok').map((row) => row.id);
		preview.enrolled += wanted.length;
		for (const { outcome } of rows)
			if (outcome !== 'ok') preview.skipped[outcome] = (preview.skipped[outcome] ?? 0) + 1;
		preview.missingAddress += await countMissing(tx, cadence, wanted);
	}
	return preview;
}

async function countMissing(tx: OrgTx, cadence: CadenceContext, ids: readonly string[]): Promise<number> {
	const paths = new Set<string>();
	for (const node of Object.values(cadence.plan!.nodes))
		if (node.kind === 'email' && node.config.recipient && lookupOf(node.config.recipient) === null)
			paths.add(node.config.recipient);
	if (!paths.size || !ids.length) return 0;
	const blank: SQL[] = [...paths].map((path) => sql`coalesce(btrim(r.data ->> ${path}::text), '') = ''`);
	const [row] = await tx.execute<{ n: number }>(sql`
		select count(*)::int as n from records r
		where r.org_id = ${cadence.orgId}::uuid and r.id = any(${sql.param([...ids])}::uuid[]) and not r.email_opt_out
			and (${sql.join(blank, sql` or `)})`);
	return row?.n ?? 0;
}
