import type { Logger } from 'pino';
import type { Db } from '../db/client.ts';
import { advance } from './advance.ts';
import { applyResponses, newInbox } from './applyResponses.ts';
import { newLane, type Marks } from './claimDue.ts';
import { drainRecordChanges, newTurn } from './drainRecordChanges.ts';
import { findNextDue } from './findNextDue.ts';
import type { PassMarks } from './passMarks.ts';
import { reasonOf } from './poison.ts';

export type Engine = {
	/** Something may be due: look now. */
	wake: () => void;
	stop: () => Promise<void>;
};

/** While some wait for their commit, another writes: with three of them two cores are busy. */
export const defaultLanes = 3;

export type EngineOptions = {
	log: Pick<Logger, 'error'>;
	lanes?: number;
	batch?: number;
	maxSleepMs?: number;
	/** RELIABILITY.md 2.6: finds the run that ends the process. */
	marks?: PassMarks;
};

/**
 * The engine of one process: lanes that apply responses and advance due runs, and sleep until the next due time or a
 * wake-up. No leader is needed: claims skip what others hold, so any number of processes may run this (OPS-2), and what
 * a dead one held is free the moment its connection is gone.
 */
export function startEngine(db: Db, options: EngineOptions): Engine {
	const { log, maxSleepMs = 5000 } = options;
	let stopped = false;
	const sleepers = new Set<() => void>();
	const sleep = (ms: number) =>
		new Promise<void>((done) => {
			if (stopped) return done();
			const wake = () => {
				clearTimeout(timer);
				sleepers.delete(wake);
				done();
			};
			const timer = setTimeout(wake, ms);
			sleepers.add(wake);
		});
	let wakes = 0;
	const wake = () => {
		wakes++;
		for (const one of [...sleepers]) one();
	};
	const forever = async (name: string, turn: () => Promise<number>) => {
		while (!stopped) {
			try {
				const pause = await turn();
				if (pause > 0) await sleep(pause);
			} catch (error) {
				// The database is away, or two statements met: nothing was written, so the next turn repeats it.
				if (!stopped) log.error({ error, reason: reasonOf(error) }, `${name} failed`);
				await sleep(1000);
			}
		}
	};
	const marks: Marks = new Map();
	const inbox = newInbox();
	const lanes = Array.from({ length: options.lanes ?? defaultLanes }, () => {
		const lane = newLane(options.batch, options.marks?.newLane(), marks);
		return forever('advance', async () => {
			const before = wakes;
			let failed: unknown = null;
			const applied = await applyResponses(db, undefined, lane.mark, inbox).catch((error: unknown) => {
				failed = error;
				return 0;
			});
			// Runs with responses wait for them all the same (GRA-7); the others are not kept waiting.
			const pass = await advance(db, lane);
			if (failed) throw failed;
			if (applied || pass.claimed) return 0;
			if (pass.blocked) return 25;
			const next = await findNextDue(db);
			// Woken while it looked, which knows nothing of responses: it would sleep on what came behind its back.
			if (wakes !== before) return 0;
			return Math.max(1, Math.min(next ?? maxSleepMs, maxSleepMs));
		});
	});
	const turn = newTurn();
	const report = (error: unknown) =>
		log.error({ error, reason: reasonOf(error) }, 'a cadence is left to a scan of its own');
	const changes = forever('drainRecordChanges', async () =>
		(await drainRecordChanges(db, undefined, turn, report)) ? 0 : 1000
	);
	return {
		wake,
		stop: async () => {
			stopped = true;
			wake();
			await Promise.all([...lanes, changes]);
		}
	};
}
