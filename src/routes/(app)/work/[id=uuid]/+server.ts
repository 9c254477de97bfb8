import { z } from 'zod';
import { taskStatuses } from '#lib/domain/cadence/responses.ts';
import { cancelCall } from '#lib/server/activities/cancelCall.ts';
import { completeTask } from '#lib/server/activities/completeTask.ts';
import { deleteActivity } from '#lib/server/activities/deleteActivity.ts';
import { logCall } from '#lib/server/activities/logCall.ts';
import { rescheduleActivity } from '#lib/server/activities/rescheduleActivity.ts';
import { snoozeReminder } from '#lib/server/activities/snoozeReminder.ts';
import { updateTaskStatus } from '#lib/server/activities/updateTaskStatus.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

const body = z.discriminatedUnion('action', [
	z.object({
		action: z.literal('logCall'),
		result: z.string().min(1, 'Choose what came of the call.').max(100),
		durationMinutes: z.number().min(0).max(600).nullable(),
		note: z.string().max(5000)
	}),
	z.object({ action: z.literal('complete') }),
	z.object({ action: z.literal('status'), status: z.enum(taskStatuses) }),
	z.object({ action: z.literal('reschedule'), dueAt: z.iso.datetime('Choose a day and a time.') }),
	z.object({ action: z.literal('cancel') }),
	z.object({ action: z.literal('delete') }),
	z.object({ action: z.literal('snooze'), minutes: z.int().min(1).max(1440) })
]);

/** CRM-9: what a person does with a task or call, from the work queue, the record page or the reminder. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	const activityId = params.id;
	await locals.withOrg(async (tx) => {
		switch (input.action) {
			case 'complete':
				return completeTask(tx, actor, { activityId });
			case 'status':
				return updateTaskStatus(tx, actor, { activityId, status: input.status });
			case 'reschedule':
				return rescheduleActivity(tx, actor, { activityId, dueAt: new Date(input.dueAt) });
			case 'cancel':
				return cancelCall(tx, actor, { activityId });
			case 'delete':
				return deleteActivity(tx, actor, { activityId });
			case 'snooze':
				return snoozeReminder(tx, actor, { activityId, minutes: input.minutes });
			case 'logCall': {
				const { result, note, durationMinutes } = input;
				const durationSeconds = durationMinutes === null ? null : Math.round(durationMinutes * 60);
				return logCall(tx, actor, { activityId, result, note, durationSeconds });
			}
		}
	});
	return new Response(null, { status: 204 });
};
