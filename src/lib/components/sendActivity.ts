import { z } from 'zod';

export type ActivityCommand =
	| { action: 'logCall'; result: string; durationMinutes: number | null; note: string }
	| { action: 'complete' }
	| { action: 'snooze'; minutes: number };

/** Tells the server what became of an activity. Returns the problem in words, or null when all went well. */
export async function sendActivity(activityId: string, command: ActivityCommand): Promise<string | null> {
	const response = await fetch(`/work/${activityId}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(command)
	}).catch(() => null);
	if (!response) return 'The server cannot be reached. Check the connection and try again.';
	if (response.ok) return null;
	const body = z.object({ message: z.string() }).safeParse(await response.json().catch(() => null));
	return body.success ? body.data.message : 'That did not work. Try again in a moment.';
}
