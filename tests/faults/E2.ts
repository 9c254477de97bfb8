import { sql } from 'drizzle-orm';
import { startWhatsappStandIn } from '../../src/lib/server/channels/whatsapp/standIn.ts';
import type { TestDatabase } from '../support/clone.ts';
import { startWebhookSink, type ReceivedHook } from '../support/webhookSink.ts';
import { standInSecrets } from '../support/whatsapp.ts';
import { points } from './E2/points.ts';
import { runTrials, type Trial } from './E2/runTrials.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { askJudge, conclude, invariantsHold, numberArgument } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/**
 * E2: a process dies at every named instruction boundary (the first time it comes by, or the first N times) of a history with a
 * mail, a WhatsApp message, a task or a call, and another one finishes. What is left must be the history of a run in
 * which nobody died. `--passes=N`, `--points=prefix`.
 */
const campaign: FaultCampaign = async (context) => {
	const passes = numberArgument(context, 'passes', 1);
	const only = context.args.find((arg) => arg.startsWith('--points='))?.slice('--points='.length) ?? '';
	const trials = Object.entries(points)
		.filter(([point]) => point.startsWith(only))
		.flatMap(([point, which]) =>
			which.flatMap((kind) => Array.from({ length: passes }, (_, i): Trial => ({ kind, point, nth: i + 1 })))
		);
	const program = await bundle(new URL('./E2/child.ts', import.meta.url));
	return inPlace({}, async (place) => {
		const standIn = await startWhatsappStandIn({
			...standInSecrets,
			port: 0,
			callbackUrl: null,
			reports: []
		});
		const hooks = await startWebhookSink();
		try {
			const results = await runTrials(
				place,
				{ standInUrl: standIn.url, hookUrl: hooks.url, program: program.file },
				trials,
				context.log
			);
			await place.sink.stop();
			const verdict = await askJudge(place.adminUrl, place.sink.logFile);
			const calls = await countCalls(place.db, hooks.received);
			const callbacks = standIn.messages.map((message) => message.callbackData);
			const twice = callbacks.length - new Set(callbacks).size;
			const { mails, delivered, duplicated, lost, stuckMessages, stuckRuns } = verdict;
			const { died, different, strangeDoubt, missing, doubtful, ...counts } = results;
			return conclude(
				context,
				{
					points: new Set(trials.map(({ point }) => point)).size,
					trials: trials.length,
					died,
					...counts,
					doubtful,
					mails,
					delivered,
					duplicated,
					lost,
					whatsappPosts: callbacks.length,
					postedTwice: twice,
					...calls
				},
				[
					['at least 25 points', only !== '' || new Set(trials.map(({ point }) => point)).size >= 25],
					[`died at every point${missing.length ? `: not at ${missing.join(', ')}` : ''}`, !missing.length],
					[`every history equals the undisturbed one${list(different)}`, !different.length],
					[`doubtful only between 354 and settle${list(strangeDoubt)}`, !strangeDoubt.length],
					['0 duplicates, 0 lost', duplicated + lost + twice === 0],
					['every webhook that is done was delivered', calls.calledForNothing === 0],
					[
						'a webhook is called again only after a death',
						calls.hooksPosted - calls.hooksDelivered <= results.died
					],
					['0 stuck', stuckMessages + stuckRuns === 0],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		} finally {
			await hooks.stop();
			await standIn.stop();
			await program.remove();
		}
	});
};
export default campaign;

const list = (texts: readonly string[]) => (texts.length ? `: ${texts.join(', ')}` : '');

/** GRA-8: at least once: what the database takes as done, against what the receiver got. */
async function countCalls(db: TestDatabase, received: readonly ReceivedHook[]) {
	const keys = new Set(received.map(({ headers }) => headers['webhook-id']));
	const done = await db.admin.execute<{ key: string }>(
		sql`select action_run_id as key from webhook_calls where status = 'done'`
	);
	return {
		hooksDone: done.length,
		hooksPosted: received.length,
		hooksDelivered: keys.size,
		calledForNothing: done.filter(({ key }) => !keys.has(key)).length
	};
}
