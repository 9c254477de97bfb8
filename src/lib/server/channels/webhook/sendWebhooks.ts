import { sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { failpoint } from '../../failpoint.ts';
import { enqueue } from '../../jobs.ts';
import { getLog } from '../../log.ts';
import { retryWrite } from '../retryWrite.ts';
import { claimWebhooks, type ClaimedCall } from './claimWebhooks.ts';
import { postWebhook, type PostResult } from './postWebhook.ts';
import { isRefusal, nextTryMinutes } from './retrySchedule.ts';
import { settleCalls, type Outcome } from './settleWebhooks.ts';
import { signWebhook } from './signWebhook.ts';

export type WebhookOptions = {
	signal?: AbortSignal;
	/** Calls under way at once, and of those for one receiver, so that a receiver that stalls holds up nobody else. */
	slots?: number;
	perReceiver?: number;
	timeoutMs?: number;
};

/**
 * GRA-8: calls the receivers of webhook actions: everything that is due, at least once each, with one key per executed
 * action. A call is claimed when a slot is free for it, so nothing waits in hand. Several processes may do it at once.
 */
export async function sendWebhooks(db: Db, options: WebhookOptions = {}): Promise<{ called: number }> {
	const { slots = 20, perReceiver = 8, timeoutMs, signal } = options;
	const underWay = new Map<string, number>();
	const running = new Set<Promise<void>>();
	let called = 0;
	let blocked = false;
	const one = async (call: ClaimedCall) => {
		count(underWay, call.receiver, 1);
		try {
			const body = call.body;
			const headers = signWebhook(call.secret, call.actionRunId, new Date(), body);
			const result = await postWebhook(call.url, body, headers, timeoutMs);
			failpoint('webhook.answered');
			await retryWrite(() => db.transaction((tx) => settleCalls(tx, [outcomeOf(call, result)])));
			failpoint('webhook.recorded');
		} catch (error) {
			// Its lease runs out and it is called again.
			getLog().error({ error, callId: call.id }, 'outcome of a webhook not written');
		} finally {
			count(underWay, call.receiver, -1);
		}
	};
	while (!signal?.aborted) {
		const free = slots - running.size;
		const claim = free
			? await claimWebhooks(db, { limit: free, underWay, perReceiver })
			: { calls: [], handled: 0, blocked: false };
		failpoint('webhook.claimed');
		for (const call of claim.calls) {
			called++;
			const work: Promise<void> = one(call).finally(() => running.delete(work));
			running.add(work);
		}
		if (claim.handled) continue;
		blocked = claim.blocked;
		if (!running.size) break;
		await Promise.race(running);
	}
	await Promise.all(running);
	await scheduleNext(db, blocked);
	return { called };
}

const count = (counts: Map<string, number>, key: string, by: number) =>
	counts.set(key, (counts.get(key) ?? 0) + by);

function outcomeOf(call: ClaimedCall, result: PostResult): Outcome {
	const base = { call, from: 'claimed' as const };
	if (result.kind === 'answered' && result.status >= 200 && result.status < 300)
		return { ...base, kind: 'done', status: result.status };
	const status = result.kind === 'answered' ? { status: result.status } : {};
	const text = result.kind === 'answered' ? answerText(result.status) : result.text;
	const forGood = result.kind === 'policy' || (result.kind === 'answered' && isRefusal(result.status));
	const wait = forGood ? null : nextTryMinutes(call.attempts, call.sinceFirstMinutes, Math.random());
	if (wait === null) return { ...base, ...status, kind: 'fail', text };
	return { ...base, ...status, kind: 'wait', seconds: wait * 60, reason: 'receiver', text };
}

const answerText = (status: number): string =>
	status >= 300 && status < 400
		? `The receiver answered ${status}; redirects are not followed.`
		: `The receiver answered ${status}.`;

/** The wake-up for what is put off by up to a minute; the sweep finds the rest. */
async function scheduleNext(db: Db, blocked: boolean): Promise<void> {
	const [row] = await db.execute<{ wait: number | null }>(sql`
		select extract(epoch from min(not_before) - app.now())::float8 as wait from webhook_calls where status = 'queued'`);
	const wait = row?.wait ?? null;
	if (wait === null || wait > 60) return;
	const seconds = Math.max(wait, blocked ? 1 : 0.2);
	await enqueue(db, 'sendWebhooks', {}, { key: 'sendWebhooks:later', inSeconds: seconds });
}
