import { sql } from 'drizzle-orm';
import { type z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, requirePermission } from '#lib/domain/access/permissions.ts';
import type { EnrollSource } from '#lib/domain/enrollment/enrollSource.ts';
import { findAction } from '#lib/domain/enrollment/branches.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { enrollSet } from '../engine/enrollSet.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { getModule } from '../modules/getModule.ts';
import { classified, scopeOf } from './classifyRecords.ts';
import { enrollSchema, inlineLimit, type EnrollResult, type EnrollSkip } from './enrollInput.ts';
import { holdRecords } from './holdRecords.ts';
import { requireCadence } from './requireCadence.ts';
import { resolveSelection } from './resolveSelection.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export type EnrollOutcome =
	{ kind: 'done'; result: EnrollResult } | { kind: 'background'; taskId: string; total: number };

/**
 * ENR-1, ENR-6: enrolls records by hand. Small sets at once; large ones in the background with progress, with the same
 * result at the end. Permission ENROLL or MANAGE.
 * @throws forbidden, not_found, invalid (never published, inactive, enrolls by view)
 */
export async function enrollRecords(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof enrollSchema>
): Promise<EnrollOutcome> {
	requirePermission(actor, 'cadences.enroll');
	const { cadenceId, records, startAt } = enrollSchema.parse(input);
	await lockShared(tx, [cadenceId]);
	const cadence = await requireCadence(tx, actor, cadenceId);
	requireManual(cadence);
	requireStart(cadence, startAt);
	const module = await getModule(tx, cadence.moduleId);
	requireModule(actor, module.key, 'view');
	const ids = await resolveSelection(tx, actor, module, records);
	if (ids.length > inlineLimit) {
		const taskId = await startBackgroundTask(tx, actor, 'enroll', { cadenceId, ids, startAt }, ids.length);
		return { kind: 'background', taskId, total: ids.length };
	}
	const result = await enrollChunk(tx, actor, cadence, ids, {
		source: ids.length > 1 ? 'bulk' : 'manual',
		startAt
	});
	failpoint('enroll.written');
	await writeAudit(tx, actor, {
		action: 'cadence.enroll',
		objectType: 'cadence',
		objectId: cadenceId,
		after: result
	});
	return { kind: 'done', result };
}

function requireManual(cadence: CadenceContext): void {
	if (cadence.enrollmentKind === 'view')
		throw new DomainError(
			'invalid',
			'This cadence enrolls the records of its custom view by itself. Choose one with manual enrollment.',
			'/cadenceId'
		);
	if (cadence.state !== 'active')
		throw new DomainError(
			'invalid',
			'This cadence is inactive. Activate it, then enroll records.',
			'/cadenceId'
		);
}

/** ENR-8. @throws invalid when the version that runs has no such action */
export function requireStart(cadence: CadenceContext, startAt: string | null): void {
	if (startAt !== null && !findAction(cadence.plan!, startAt))
		throw new DomainError(
			'invalid',
			'The live version has no such action to start at. Choose another one.',
			'/startAt'
		);
}

/** One set of records in the caller's transaction; the cadence's shared lock is held. */
export async function enrollChunk(
	tx: OrgTx,
	actor: Actor,
	cadence: CadenceContext,
	ids: readonly string[],
	{ source, startAt = null }: { source: EnrollSource; startAt?: string | null }
): Promise<EnrollResult> {
	await holdRecords(tx, actor.orgId, sql`${sql.param([...ids])}::uuid[]`);
	const chosen = await classified(tx, scopeOf(actor), cadence, ids);
	const rows = await enrollSet<{ outcome: EnrollSkip | 'ok'; n: number; enrolled: number }>(
		tx,
		cadence,
		chosen,
		{ source, userId: actor.userId, startAt },
		sql`outcome, count(*)::int as n, (select count(*)::int from made) as enrolled from chosen group by outcome`
	);
	const enrolled = rows[0]?.enrolled ?? 0;
	const skipped: EnrollResult['skipped'] = {};
	for (const { outcome, n } of rows) {
		// ENR-5: somebody else enrolled it between the two looks.
		const [reason, left] = outcome === 'ok' ? (['already_enrolled', n - enrolled] as const) : [outcome, n];
		if (left) skipped[reason] = (skipped[reason] ?? 0) + left;
	}
	if (enrolled) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return { enrolled, skipped };
}
