import type { Random } from '../../../src/lib/server/demo/random.ts';
import { shuffle } from '../support/shuffle.ts';
import type { Doors, Tell } from './worldEvents.ts';

const MAX_COPIES = 5;
const LINES = 12;
const AGAIN_AFTER_MS = 100;

export type Told = { copies: number; again: number };

/** Each event one to five times, in any order; what is not acknowledged comes again, as providers do. */
export async function tellAll(
	events: readonly Tell[],
	doors: Doors,
	random: Random,
	progress: (left: number) => void = () => undefined
): Promise<Told> {
	const copies = shuffle(
		events.flatMap((tell) => Array.from({ length: random.int(1, MAX_COPIES) }, () => tell)),
		random
	);
	const told = { copies: copies.length, again: 0 };
	const line = async () => {
		for (let tell = copies.pop(); tell; tell = copies.pop()) {
			if (!(await tell(doors))) {
				told.again++;
				copies.unshift(tell);
				await new Promise((done) => setTimeout(done, AGAIN_AFTER_MS));
			}
			progress(copies.length);
		}
	};
	await Promise.all(Array.from({ length: LINES }, line));
	return told;
}
