import { sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { isPassing } from '../db/isPassing.ts';
import { createWakeUps } from '../engine/wakeUps.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { getLog } from '../log.ts';
import type { Batcher } from './batcher.ts';
import { claimMessages } from './claimMessages.ts';
import { emailSender } from './email/emailSender.ts';
import { createSendingMarks, type SendingMarks } from './markSending.ts';
import type { ClaimedMessage, Settlement } from './outbox.ts';
import { createSettlements } from './settleMessages.ts';
import { whatsappSender } from './whatsapp/whatsappSender.ts';

/** What a channel brings: texts for a whole claim at once, then one hand-over per message. */
export type ChannelSender = {
	/** Reads and renders in sets, of one organization. A message it cannot prepare comes back settled. */
	prepare: (db: Db, messages: ClaimedMessage[]) => Promise<Prepared[]>;
	concurrency: number;
};
export type Prepared = {
	message: ClaimedMessage;
	/** null = the claim was lost; nothing was handed over. Holds no database connection while it talks. */
	send: ((marks: SendingMarks) => Promise<Settlement | null>) | null;
	settled?: Settlement;
};

export type SendOptions = {
	signal?: AbortSignal;
	concurrency?: number;
	batch?: number;
	unwritten?: number;
	stuckAfterMs?: number;
};

/**
 * Sends of one line that may be open at once: one in its dialogue, the others answered but not yet written. Measured on
 * two busy cores: 1 gives a third of bare nodemailer, since every mail then waits for two commits.
 */
export const unwrittenPerLine = 3;

/**
 * A claim in hand that has grown this old goes back instead of being tried under an almost finished lease: with the
 * longest dialogue before the 354 (smtpSession.ts) it stays within.
 */
const MAX_WAIT_MS = 30_000;

/**
 * A hand-over that takes this long counts as stuck: another line works in its place, and its organization, whose relay is
 * slow or silent, begins no more until it is over. A relay may take its ten minutes; nobody else waits for them.
 */
const STUCK_AFTER_MS = 15_000;
/** Lines beside those at work, in multiples of them: what waits for silent relays does not grow without end. */
const STUCK_AT_MOST = 3;
const LOOK_EVERY_MS = 1_000;

/**
 * Hands over everything that is due on a channel. Several processes may do it at once; each message belongs to one
 * claim. The next claim is taken while the lines still have the second half of the last one before them.
 */
export async function sendMessages(
	db: Db,
	channel: 'email' | 'whatsapp',
	options: SendOptions = {}
): Promise<{ handled: number }> {
	const sender = channel === 'email' ? emailSender : whatsappSender;
	const engine = createWakeUps(() => enqueue(db, 'advance', {}, { key: 'advance' }));
	const run = new SendRun(sender, options, createSendingMarks(db), createSettlements(db, engine));
	let blocked = false;
	let suspect = false;
	let size = options.batch ?? 50;
	const claim = async (): Promise<number | null> => {
		if (options.signal?.aborted) return null;
		const at = performance.now();
		const claimed = await claimMessages(db, channel, size, run.stuckOrgs());
		({ blocked, suspect } = claimed);
		if (!claimed.seen) return null;
		failpoint('claim.committed');
		if (claimed.messages.length) run.add(await prepare(claimed.messages), at);
		return claimed.messages.length;
	};
	const prepare = async (messages: ClaimedMessage[]): Promise<Prepared[]> => {
		const prepared: Prepared[] = [];
		for (const own of Map.groupBy(messages, (message) => message.orgId).values())
			try {
				prepared.push(...(await sender.prepare(db, own)));
			} catch (error) {
				// The database went away: nothing was sent, and as soon as it is back they need not wait for their lease to end.
				if (isPassing(error)) {
					await run.giveBack(messages);
					throw error;
				}
				// Any other fault may be a message's own, and is counted when the lease ends; no other organization has part in it.
				getLog().error({ error, orgId: own[0]!.orgId }, 'messages not prepared');
			}
		return prepared;
	};
	try {
		for (;;) {
			const started = performance.now();
			const idle = run.waiting === 0;
			const claimed = await claim();
			if (claimed === null) {
				if (!idle) await run.waitingAtMost(0);
				else if (await run.endsWithin(LOOK_EVERY_MS)) break;
				continue;
			}
			await run.waitingAtMost(suspect ? 0 : Math.floor(size / 2));
			if (suspect) await run.endsWithin(STUCK_AFTER_MS);
			size = nextSize(size, claimed, performance.now() - started, options.batch);
		}
	} finally {
		await run.finish();
		await engine.flush();
	}
	await scheduleNext(db, channel, blocked);
	return { handled: run.handled };
}

const nextSize = (size: number, done: number, ms: number, fixed?: number): number => {
	if (fixed) return fixed;
	if (done < size / 2) return size;
	if (ms < 3_000) return Math.min(size * 2, 400);
	return ms > 15_000 ? Math.max(20, Math.floor(size / 2)) : size;
};

type Waiting = { entry: Prepared; at: number };
/** What a line has in hand, and since when. */
type Line = { orgId: string | null; since: number; done: Promise<void> };

/** The lines of one channel and what waits for them. */
class SendRun {
	handled = 0;
	#marks: SendingMarks;
	#settlements: Batcher<Settlement, null>;
	#options: SendOptions;
	#concurrency: number;
	/** Senders the relay refused: what was claimed before that was written down is put off without a try. */
	#refused = new Map<string, number>();
	#queue: Waiting[] = [];
	#lines = new Set<Line>();
	/** Outcomes that no line waits for. */
	#writing = new Set<Promise<void>>();
	#few: { most: number; reached: () => void } | null = null;
	#watch: NodeJS.Timeout | null = null;

	constructor(
		sender: ChannelSender,
		options: SendOptions,
		marks: SendingMarks,
		settlements: Batcher<Settlement, null>
	) {
		this.#marks = marks;
		this.#settlements = settlements;
		this.#options = options;
		this.#concurrency = options.concurrency ?? sender.concurrency;
	}

	/** Claimed and not yet begun. */
	get waiting(): number {
		return this.#queue.length;
	}

	add(prepared: readonly Prepared[], at: number): void {
		for (const entry of prepared) this.#queue.push({ entry, at });
		this.#fill();
		this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
	}

	waitingAtMost(most: number): Promise<void> {
		if (this.#queue.length <= most) return Promise.resolve();
		return new Promise((reached) => (this.#few = { most, reached }));
	}

	/** Whether every line has come to its end by then. */
	async endsWithin(ms: number): Promise<boolean> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((done) => (timer = setTimeout(done, ms)));
		await Promise.race([this.#linesEnd(), late]);
		clearTimeout(timer);
		return !this.#lines.size;
	}

	/** Everything is handed over and its outcome written. */
	async finish(): Promise<void> {
		while (this.#lines.size) await this.#linesEnd();
		if (this.#watch) clearInterval(this.#watch);
		await Promise.all(this.#writing);
	}

	/** Whose hand-overs are stuck. */
	stuckOrgs(): Set<string> {
		return new Set(this.#stuck().flatMap(({ orgId }) => orgId ?? []));
	}

	#stuck(): Line[] {
		const before = performance.now() - (this.#options.stuckAfterMs ?? STUCK_AFTER_MS);
		return [...this.#lines].filter((line) => line.orgId !== null && line.since < before);
	}

	/** As many lines as may be open now. */
	#most(): number {
		return this.#concurrency + Math.min(this.#stuck().length, STUCK_AT_MOST * this.#concurrency);
	}

	#fill(): void {
		for (let n = Math.min(this.#most() - this.#lines.size, this.#queue.length); n > 0; n--) {
			const line: Line = { orgId: null, since: 0, done: Promise.resolve() };
			this.#lines.add(line);
			line.done = this.#line(line);
		}
	}

	async #linesEnd(): Promise<void> {
		await Promise.all([...this.#lines].map((line) => line.done));
	}

	/** What no line will come to in time goes back, and lines stand in for those that are stuck. */
	#look(): void {
		const { signal } = this.#options;
		const stuck = this.stuckOrgs();
		const before = performance.now() - MAX_WAIT_MS;
		const goesBack = ({ entry, at }: Waiting) =>
			signal?.aborted === true || at < before || stuck.has(entry.message.orgId);
		const back = this.#queue.filter(goesBack);
		if (back.length) this.#queue = this.#queue.filter((waiting) => !goesBack(waiting));
		for (const { entry } of back) {
			this.#follow(this.#settle(entry.settled ?? putBack(entry.message, 0, '')));
			this.handled++;
		}
		this.#tellFew();
		this.#fill();
	}

	#follow(written: Promise<void>): void {
		this.#writing.add(written);
		void written.then(() => this.#writing.delete(written));
	}

	#tellFew(): void {
		if (!this.#few || this.#queue.length > this.#few.most) return;
		this.#few.reached();
		this.#few = null;
	}

	/** One line works until nothing waits any more. */
	async #line(line: Line): Promise<void> {
		// A line goes on while outcomes are being written, but the 354 of the next mail waits when too many are: so a kill
		// leaves no more doubtful sends than lines times `unwritten` (RELIABILITY.md 2.3).
		const unwritten: Promise<void>[] = [];
		const most = this.#options.unwritten ?? unwrittenPerLine;
		const marks: SendingMarks = {
			add: async (mark) => {
				if (unwritten.length >= most - 1) await unwritten.shift();
				return this.#marks.add(mark);
			}
		};
		// One that stood in for a stuck line ends when that one works again.
		while (
			this.#queue.length &&
			(this.#lines.size <= this.#concurrency || this.#lines.size <= this.#most())
		) {
			const next = this.#queue.shift()!;
			this.#tellFew();
			line.orgId = next.entry.message.orgId;
			line.since = performance.now();
			const settlement = await this.#one(next.entry, next.at, marks);
			line.orgId = null;
			if (settlement) unwritten.push(this.#settle(settlement));
			if (unwritten.length >= most) await unwritten.shift();
			this.handled++;
			if (!this.#queue.length) await Promise.all(unwritten.splice(0));
		}
		this.#lines.delete(line);
		for (const written of unwritten) this.#follow(written);
	}

	/** What was claimed and not begun, again and again until it lands. */
	async giveBack(messages: readonly ClaimedMessage[]): Promise<void> {
		await Promise.all(messages.map((message) => this.#settle(putBack(message, 0, ''))));
	}

	async #one(
		{ message, send, settled }: Prepared,
		at: number,
		marks: SendingMarks
	): Promise<Settlement | null> {
		if (settled || !send) return settled ?? null;
		if (this.#options.signal?.aborted || performance.now() - at > MAX_WAIT_MS) return putBack(message, 0, '');
		if (message.senderId && at < (this.#refused.get(message.senderId) ?? -Infinity))
			return putBack(message, 1, 'sender');
		try {
			const settlement = await send(marks);
			if (settlement?.kind === 'queued' && settlement.senderPause && message.senderId)
				this.#refused.set(message.senderId, Infinity);
			return settlement;
		} catch (error) {
			getLog().error({ error, messageId: message.id }, 'hand-over ended without an outcome');
			return null;
		}
	}

	async #settle(settlement: Settlement): Promise<void> {
		try {
			await this.#settlements.add(settlement);
		} catch (error) {
			getLog().error({ error }, 'outcome of a hand-over not written');
		}
		// From now on the claim knows of the pause, and lets one message through when it is over.
		if (settlement.kind === 'queued' && settlement.senderPause && settlement.message.senderId)
			this.#refused.set(settlement.message.senderId, performance.now());
	}
}

const putBack = (message: ClaimedMessage, afterMinutes: number, waitReason: string): Settlement => ({
	message,
	from: 'claimed',
	kind: 'queued',
	afterMinutes,
	waitReason,
	code: '',
	text: '',
	deferred: false
});

/** The wake-up for what is put off by up to a minute; the sweep finds the rest. */
async function scheduleNext(db: Db, channel: 'email' | 'whatsapp', blocked: boolean): Promise<void> {
	const [row] = await db.execute<{ wait: number | null }>(sql`
		select extract(epoch from min(not_before) - app.now())::float8 as wait from messages
		where channel = ${channel} and status = 'queued'`);
	const seconds = blocked ? 1 : row?.wait;
	if (seconds === null || seconds === undefined || seconds > 60) return;
	await enqueue(
		db,
		'sendMessages',
		{ channel },
		{ key: `sendMessages:${channel}:later`, inSeconds: Math.max(seconds, 0.2) }
	);
}
