import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import type { backgroundTasks } from '../db/schema/accounts.ts';
import { changeRecords, recordChangeSchema } from '../records/changeRecords.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { addResult, startAtSchema, type EnrollResult } from './enrollInput.ts';
import { enrollChunk } from './enrollRecords.ts';
import { pauseChunk } from './pauseEnrollments.ts';
import { requireCadence } from './requireCadence.ts';
import { restartChunk } from './restartEnrollments.ts';
import { resumeChunk } from './resumeEnrollments.ts';
import { skipChunk } from './skipForward.ts';
import { unenrollChunk } from './unenrollRecords.ts';

const chunk = 5_000;
const list = z.custom<readonly unknown[]>(Array.isArray).optional();
const listsSchema = z.looseObject({ ids: list, enrollmentIds: list });
const enrollInput = z.object({ cadenceId: z.uuid(), ids: z.array(z.uuid()), startAt: startAtSchema });
const runsInput = z.object({ enrollmentIds: z.array(z.uuid()) });
const unenrollInput = runsInput.extend({ reason: z.string() });
const pauseInput = runsInput.extend({ until: z.coerce.date().nullable() });
const restartInput = runsInput.extend({ startAt: startAtSchema });
const recordsInput = z.object({ moduleKey: z.string(), ids: z.array(z.uuid()), change: recordChangeSchema });
const skipInput = runsInput.extend({ actionId: z.string() });

type Task = Pick<typeof backgroundTasks.$inferSelect, 'kind' | 'input' | 'processed' | 'result'>;
export type Progress = { done: boolean; processed: number; result: unknown };

/** The next part of a bulk task, in the caller's transaction, added to what was done before. */
export async function runTaskChunk(tx: OrgTx, actor: Actor, task: Task): Promise<Progress> {
	const { part, processed, done, input } = nextPart(task);
	if (task.kind === 'enroll') {
		const { cadenceId, ids, startAt } = enrollInput.parse({ ...input, ids: part });
		await lockShared(tx, [cadenceId]);
		const cadence = await requireCadence(tx, actor, cadenceId);
		const sum = (task.result ?? { enrolled: 0, skipped: {} }) as EnrollResult;
		const result = addResult(sum, await enrollChunk(tx, actor, cadence, ids, { source: 'bulk', startAt }));
		return { done, processed, result };
	}
	if (task.kind === 'updateRecords' || task.kind === 'deleteRecords') {
		const changed = await changeRecords(tx, actor, recordsInput.parse({ ...input, ids: part }));
		const name = task.kind === 'deleteRecords' ? 'deleted' : 'changed';
		const counts = { [name]: changed.length, unchanged: part.length - changed.length };
		return { done, processed, result: addUp(task.result, counts) };
	}
	const runs = runsInput.loose().parse({ ...input, enrollmentIds: part });
	const counts = await runPart(tx, actor, { kind: task.kind, input: runs }, runs.enrollmentIds);
	return { done, processed, result: addUp(task.result, counts) };
}

/** Only the ids of the part are read closely: a hundred thousand, looked at with each of twenty chunks, would cost seconds. */
function nextPart({ input, processed: from }: Task) {
	const { ids, enrollmentIds = ids, ...rest } = listsSchema.parse(input);
	if (!enrollmentIds) throw new Error('Bulk work without a list of what to work on.');
	const part = enrollmentIds.slice(from, from + chunk);
	const processed = from + part.length;
	return { part, processed, done: processed >= enrollmentIds.length, input: rest };
}

async function runPart(
	tx: OrgTx,
	actor: Actor,
	{ kind, input }: Pick<Task, 'kind' | 'input'>,
	part: readonly string[]
): Promise<Counts> {
	switch (kind) {
		case 'unenroll':
			return { unenrolled: await unenrollChunk(tx, actor, part, unenrollInput.parse(input).reason) };
		case 'pause':
			return { paused: await pauseChunk(tx, actor, part, pauseInput.parse(input).until) };
		case 'resume':
			return resumeChunk(tx, actor, part);
		case 'restart':
			return restartChunk(tx, actor, part, restartInput.parse(input).startAt);
		case 'skip':
			return skipChunk(tx, actor, part, skipInput.parse(input).actionId);
		default:
			throw new Error(`There is no bulk work called ${kind}.`);
	}
}

type Counts = { [name: string]: number | Partial<Record<string, number>> };

/** Adds numbers, and numbers by reason. */
function addUp(before: unknown, part: Counts): Counts {
	const sum: Counts = { ...((before ?? {}) as Counts) };
	for (const [name, value] of Object.entries(part)) {
		const was = sum[name];
		if (typeof value === 'number') sum[name] = value + (typeof was === 'number' ? was : 0);
		else {
			const reasons: Record<string, number> = {};
			for (const one of [typeof was === 'object' ? was : {}, value])
				for (const [reason, n] of Object.entries(one)) reasons[reason] = (reasons[reason] ?? 0) + (n ?? 0);
			sum[name] = reasons;
		}
	}
	return sum;
}
