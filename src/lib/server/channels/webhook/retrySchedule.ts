const minutes = [1, 5, 15, 60, 240];
const giveUpMinutes = 24 * 60;

/**
 * GRA-6: minutes until the next try after `attempts`, spread by a fifth so that what failed together does not come back
 * together; null when it would come more than 24 hours after the first.
 */
export function nextTryMinutes(attempts: number, sinceFirstMinutes: number, random: number): number | null {
	const base = minutes[Math.min(attempts, minutes.length) - 1] ?? minutes[0]!;
	const wait = base * (0.8 + 0.4 * random);
	return sinceFirstMinutes + wait > giveUpMinutes ? null : wait;
}

/** 4xx says that it will never be taken, except "later" and "too much". */
export const isRefusal = (status: number): boolean =>
	status >= 400 && status < 500 && status !== 408 && status !== 429;
