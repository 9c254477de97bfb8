import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

/** A count that stops at a cap: `cut` means "at least". */
type Bounded = { n: number; cut: boolean };

export type CadenceLoad = {
	cadenceId: string;
	due: Bounded;
	oldestDueAt: Date | null;
	/** Messages and webhook calls that wait for their turn or are under way. */
	outbox: Bounded;
	stepsPerMinute: number;
	sendsPerMinute: number;
	responsesPerMinute: number;
	quarantined: number;
	doubtful: number;
};

type QueueLoad = {
	/** `email/queued`, `responses`, ... */
	name: string;
	waiting: Bounded;
	/** Of those, the ones whose time has come. */
	due: number;
	oldestAt: Date | null;
};

export type Load = {
	at: Date;
	cadences: CadenceLoad[];
	queues: QueueLoad[];
	quarantinedResponses: number;
	pausedSenders: number;
	pausedAccounts: number;
};

/** Figures beyond this are shown as "10,000+": a refresh looks at no more rows than that per cadence and queue. */
export const cap = 10_000;
/** Rates are those of the last minutes; a busy cadence's of its newest events, however short a time they span. */
const rateMinutes = 5;
const rateCap = 2_000;

const steps = new Set(['executed', 'skipped']);
const responses = new Set([
	'delivered',
	'read',
	'opened',
	'clicked',
	'replied',
	'bounced',
	'unsubscribed',
	'result',
	'status',
	'messageFailed'
]);

/**
 * OPS-3: how the engine is doing, of one organization or (null) of all. Every figure comes from the head of an index or
 * is bounded, so that it costs the same with a thousand enrollments as with a million.
 */
export async function readLoad(tx: Executor, orgId: string | null): Promise<Load> {
	// The count is an int in a 64-bit world: bounded by the cap, it always fits.
	const [due, heads, events, aside, [clock]] = await Promise.all([
		tx.execute<{ cadence_id: string; waiting: number; oldest: Date; cut: boolean }>(
			sql`select cadence_id, least(waiting, ${cap}::int) as waiting, oldest, cut from app.due_runs(${orgId}::uuid, ${cap})`
		),
		tx.execute<{
			queue: string;
			cadence_id: string | null;
			waiting: number;
			due: number;
			oldest: Date;
			cut: boolean;
		}>(sql`select * from app.queue_heads(${orgId}::uuid, ${cap})`),
		tx.execute<{ cadence_id: string; kind: string; n: number; seconds: number }>(
			sql`select * from app.recent_events(${orgId}::uuid, ${rateMinutes}, ${rateCap})`
		),
		tx.execute<{ what: string; cadence_id: string | null; n: number }>(
			sql`select * from app.set_aside(${orgId}::uuid, ${cap})`
		),
		tx.execute<{ at: Date }>(sql`select app.now() as at`)
	]);
	const cadences = new Map<string, CadenceLoad>();
	const of = (cadenceId: string) => {
		const known = cadences.get(cadenceId) ?? idle(cadenceId);
		cadences.set(cadenceId, known);
		return known;
	};
	for (const row of due) {
		const cadence = of(row.cadence_id);
		cadence.due = { n: row.waiting, cut: row.cut };
		cadence.oldestDueAt = toDate(row.oldest);
	}
	for (const row of heads)
		if (row.cadence_id) of(row.cadence_id).outbox = plus(of(row.cadence_id).outbox, row.waiting, row.cut);
	for (const row of events) {
		const perMinute = (row.n * 60) / row.seconds;
		if (steps.has(row.kind)) of(row.cadence_id).stepsPerMinute += perMinute;
		if (row.kind === 'sent') of(row.cadence_id).sendsPerMinute += perMinute;
		if (responses.has(row.kind)) of(row.cadence_id).responsesPerMinute += perMinute;
	}
	for (const row of aside) {
		if (row.cadence_id && row.what === 'runs') of(row.cadence_id).quarantined += row.n;
		if (row.cadence_id && row.what === 'doubtful') of(row.cadence_id).doubtful += row.n;
	}
	const count = (what: string) => aside.find((row) => row.what === what)?.n ?? 0;
	return {
		at: toDate(clock!.at),
		cadences: [...cadences.values()],
		queues: [...Map.groupBy(heads, (row) => row.queue)].map(([name, rows]) => ({
			name,
			waiting: rows.reduce((sum, row) => plus(sum, row.waiting, row.cut), none),
			due: rows.reduce((sum, row) => sum + row.due, 0),
			oldestAt: toDate(rows.map((row) => row.oldest).sort((a, b) => +toDate(a) - +toDate(b))[0]!)
		})),
		quarantinedResponses: count('responses'),
		pausedSenders: count('senders'),
		pausedAccounts: count('accounts')
	};
}

const none: Bounded = { n: 0, cut: false };
const plus = (sum: Bounded, n: number, cut: boolean): Bounded => ({
	n: Math.min(cap, sum.n + n),
	cut: sum.cut || cut
});
/** Raw statements give times as text. */
const toDate = (value: Date | string): Date => new Date(value);

const idle = (cadenceId: string): CadenceLoad => ({
	cadenceId,
	due: none,
	oldestDueAt: null,
	outbox: none,
	stepsPerMinute: 0,
	sendsPerMinute: 0,
	responsesPerMinute: 0,
	quarantined: 0,
	doubtful: 0
});
