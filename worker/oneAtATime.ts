const underWay = new Map<string, { again: boolean }>();

/**
 * One run per key in this process. A call that meets a run under way asks it to look once more at its end and returns:
 * wake-ups never pile up in the worker's slots, and none is lost.
 */
export async function oneAtATime(key: string, work: () => Promise<unknown>): Promise<void> {
	const running = underWay.get(key);
	if (running) {
		running.again = true;
		return;
	}
	const state = { again: true };
	underWay.set(key, state);
	try {
		while (state.again) {
			state.again = false;
			await work();
		}
	} finally {
		underWay.delete(key);
	}
}
