import { taskStatuses } from '#lib/domain/cadence/responses.ts';

/** GRA-6: an activity that was withdrawn, by the system (UNE-4) or by a person. */
export const cancelledStatus = 'Cancelled';
export type TaskStatus = (typeof taskStatuses)[number];
export const isTaskStatus = (status: string): status is TaskStatus =>
	(taskStatuses as readonly string[]).includes(status);
