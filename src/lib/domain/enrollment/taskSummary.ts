const number = new Intl.NumberFormat('en-US');

/** What the counts of a finished task are called. */
const words: Readonly<Record<string, string>> = {
	enrolled: 'enrolled',
	unenrolled: 'un-enrolled',
	restarted: 'restarted',
	resumed: 'resumed',
	paused: 'paused',
	moved: 'moved',
	changed: 'changed',
	deleted: 'deleted',
	skippedForward: 'sent on',
	unchanged: 'left as they are',
	skipped: 'skipped'
};

/** ENR-1, REE-2: the result of bulk work for people: "4,469 enrolled, 12 skipped"; null when there is none yet. */
export function taskSummary(result: unknown): string | null {
	if (typeof result !== 'object' || result === null) return null;
	const counts = new Map(Object.entries(result).map(([name, value]) => [name, countOf(value)]));
	const parts = Object.entries(words).flatMap(([name, word]) => {
		const count = counts.get(name);
		// Nobody skipped goes without saying; that nobody was enrolled does not.
		return count === undefined || (count === 0 && name === 'skipped')
			? []
			: [`${number.format(count)} ${word}`];
	});
	return parts.length ? parts.join(', ') : null;
}

/** A count, or counts by reason. */
function countOf(value: unknown): number | undefined {
	if (typeof value === 'number') return value;
	if (typeof value !== 'object' || value === null) return undefined;
	return Object.values(value).reduce((sum: number, one) => sum + (typeof one === 'number' ? one : 0), 0);
}
