import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getBackgroundTask } from '#lib/server/shell/getBackgroundTask.ts';
import type { RequestHandler } from './$types';

const counts = z.object({
	enrolled: z.number().optional(),
	unenrolled: z.number().optional(),
	skipped: z.record(z.string(), z.number()).optional()
});
const number = new Intl.NumberFormat('en-US');

/** Progress of long work, for the dialog that started it. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const actor = requireActor(locals);
	const { result, ...task } = await locals.withOrg((tx) => getBackgroundTask(tx, actor, params.id));
	const parsed = counts.safeParse(result);
	return json({ ...task, summary: parsed.success ? summaryOf(parsed.data) : null });
};

function summaryOf({ enrolled, unenrolled, skipped }: z.infer<typeof counts>): string {
	const left = Object.values(skipped ?? {}).reduce((sum, count) => sum + count, 0);
	return [
		enrolled === undefined ? '' : `${number.format(enrolled)} enrolled`,
		unenrolled === undefined ? '' : `${number.format(unenrolled)} un-enrolled`,
		left ? `${number.format(left)} skipped` : ''
	]
		.filter(Boolean)
		.join(', ');
}
