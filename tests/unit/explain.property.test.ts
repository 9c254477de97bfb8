import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolve } from '../model/commands.ts';
import { newDouble } from '../model/double.ts';
import { batches, type Batch } from '../model/journeys.ts';
import { clockAfter } from '../model/playBatch.ts';
import { checkSentence, sentenceOf, type Saying } from '../model/sayings.ts';
import { takeTurn } from '../model/takeTurn.ts';
import { lifeOf, start } from '../model/world.ts';

/** Plays journeys without a database and asks of each run after each turn why it is not moving. */
function listen({ turns, journeys }: Batch, heard: Map<Saying, number>): string[] {
	const wrongs: string[] = [];
	for (const journey of journeys) {
		const life = lifeOf(journey);
		const double = newDouble();
		let now = start;
		for (const [n, turn] of turns.entries()) {
			const command = journey.commands[n];
			if (!command) break;
			now = clockAfter(turn, now, [life]);
			takeTurn(life, double, resolve(life, command), turn, now);
			if (!double.simulation || !life.run) continue;
			const sentence = sentenceOf(life, double.simulation, now);
			const { saying, wrong } = checkSentence(sentence, life, { ...double.simulation, now }, now);
			heard.set(saying, (heard.get(saying) ?? 0) + 1);
			if (wrong) wrongs.push(`${sentence}: ${wrong}`);
		}
	}
	return wrongs;
}

test('ENR-8: what the sentence says is what happens next, in random lives', { timeout: 60_000 }, () => {
	const heard = new Map<Saying, number>();
	fc.assert(
		fc.property(batches(4), (batch) => {
			expect(listen(batch, heard)).toEqual([]);
		}),
		{ numRuns: Number(process.env.EXPLAIN_RUNS) || 60, interruptAfterTimeLimit: 50_000 }
	);
	const kinds: Saying[] = ['over', 'inbox', 'paused', 'outbox', 'time', 'due', 'response'];
	expect(kinds.filter((kind) => !heard.get(kind))).toEqual([]);
});
