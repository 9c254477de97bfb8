/** The weight that a variant has until somebody says otherwise. */
export const defaultWeight = 50;

/** Shares in whole percent that make 100 together: what is left over goes to the largest remainders. */
export function percents(weights: readonly number[]): number[] {
	const sum = weights.reduce((total, weight) => total + weight, 0);
	if (!sum) return weights.map(() => 0);
	const exact = weights.map((weight) => (weight / sum) * 100);
	const shares = exact.map(Math.floor);
	const left = 100 - shares.reduce((total, share) => total + share, 0);
	exact
		.map((share, index) => ({ index, rest: share - Math.floor(share) }))
		.sort((a, b) => b.rest - a.rest || a.index - b.index)
		.slice(0, left)
		.forEach(({ index }) => shares[index]!++);
	return shares;
}
