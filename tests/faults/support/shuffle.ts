import type { Random } from '../../../src/lib/server/demo/random.ts';

/** Fisher-Yates, by a seed. */
export function shuffle<T>(items: readonly T[], random: Random): T[] {
	const mixed = [...items];
	for (let i = mixed.length - 1; i > 0; i--) {
		const j = random.int(0, i);
		[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
	}
	return mixed;
}
