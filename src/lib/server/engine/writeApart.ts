import type { OrgTx } from '../db/client.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import { bisect, isRowFault, quarantine } from './poison.ts';
import type { StepBatch } from './stepBatch.ts';
import { writeBatch } from './writeBatch.ts';

/**
 * Writes what a pass found out; what the database refuses is written again in ever smaller parts, each in a savepoint,
 * until the poison runs are alone and are set aside with the reason. Facts and verdicts are of this transaction and its
 * row locks, so only writing is repeated: ten poison runs among a thousand cost some three passes, and never again.
 */
export async function writeApart(tx: OrgTx, batch: StepBatch, rows: readonly EnrollmentRow[]): Promise<void> {
	try {
		await tx.transaction((part) => writeBatch(part, batch));
	} catch (error) {
		// Extra work was done for the batch as a whole.
		if (!isRowFault(error) || batch.extras) throw error;
		const parts = split([...rows]);
		for (const part of parts)
			await bisect(tx, part, (inner, some) => writeBatch(inner, partOf(batch, some)), quarantine);
	}
}

/** Small parts at once: where one run in a hundred is refused, most larger ones fail too. */
const size = 32;

function split<T>(rows: T[]): T[][] {
	return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
		rows.slice(i * size, (i + 1) * size)
	);
}

/** The lines of some of the runs. A pass changes no action_run that exists. */
function partOf(batch: StepBatch, rows: readonly EnrollmentRow[]): StepBatch {
	const ids = new Set(rows.map((row) => row.id));
	return {
		...batch,
		actionRuns: batch.actionRuns.filter((row) => ids.has(row.enrollment)),
		messages: batch.messages.filter((row) => ids.has(row.enrollment)),
		activities: batch.activities.filter((row) => ids.has(row.enrollment)),
		events: batch.events.filter((row) => ids.has(row.enrollmentId)),
		changes: batch.changes.filter(({ row }) => ids.has(row.id)),
		endings: batch.endings.filter((ending) => ids.has(ending.enrollmentId))
	};
}
