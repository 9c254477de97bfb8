import { z } from 'zod';
import { postJson } from '../postJson.ts';

export type ActivityCommand =
	| { action: 'logCall'; result: string; durationMinutes: number | null; note: string }
	| { action: 'complete' }
	| { action: 'status'; status: string }
	| { action: 'reschedule'; dueAt: string }
	| { action: 'snooze'; minutes: number }
	| { action: 'cancel' }
	| { action: 'delete' };

/** Tells the server what became of an activity. Returns the problem in words, or null when all went well. */
export const sendActivity = async (activityId: string, command: ActivityCommand): Promise<string | null> =>
	(await postJson(`/work/${activityId}`, command, z.unknown())).problem ?? null;
