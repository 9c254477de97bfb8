export type WakeUps = {
	/** The engine has something to look at. */
	soon: () => void;
	/** Says at once what is still owed, and waits for what is being said. */
	flush: () => Promise<void>;
};

/** A job with its NOTIFY costs as much as an outcome, and a pass of one response nearly as much as one of hundreds. */
const everyMs = 250;

/**
 * Wake-ups for the engine of whoever writes responses in many small sets: the first at once, the next ones together, one
 * at a time however long it takes, so that a slow database is not asked over more and more connections. One that fails
 * or is lost with its process delays by no more than the engine's longest sleep: it holds no truth.
 */
export function createWakeUps(say: () => Promise<void>): WakeUps {
	let owed = false;
	let last = -Infinity;
	let turn: Promise<void> | null = null;
	let flushing = 0;
	let hurry: (() => void) | null = null;
	const pause = (ms: number) =>
		new Promise<void>((done) => {
			const timer = setTimeout(done, ms);
			hurry = () => {
				clearTimeout(timer);
				done();
			};
		});
	const run = async () => {
		while (owed) {
			const ms = last + everyMs - performance.now();
			if (ms > 0 && !flushing) await pause(ms);
			owed = false;
			last = performance.now();
			await say().catch(() => undefined);
		}
		turn = null;
	};
	return {
		soon: () => {
			owed = true;
			turn ??= run();
		},
		flush: async () => {
			flushing++;
			hurry?.();
			await turn;
			flushing--;
		}
	};
}
