import fc from 'fast-check';
import type { TestDatabase } from '../support/clone.ts';
import { batches, type Batch } from './journeys.ts';
import { Divergence, playBatch } from './playBatch.ts';
import { shrink } from './shrink.ts';
import { journeysAtOnce, makeModelWorld, type ModelWorld } from './world.ts';

export type ModelFigures = { runs: number; commands: number; counterexample: string | null };

/** Time to make a counterexample small. */
const shrinkMs = 60_000;

/** E23: random cadences and lives until `wanted` runs were played, or the time is up. A counterexample comes shrunk, with its seed. */
export async function checkModel(
	db: TestDatabase,
	{
		wanted,
		seed,
		budgetMs = Infinity,
		atOnce = journeysAtOnce,
		onPlayed
	}: {
		wanted: number;
		seed: number;
		budgetMs?: number;
		atOnce?: number;
		onPlayed?: (runs: number) => void;
	}
): Promise<ModelFigures> {
	const world = await makeModelWorld(db);
	const figures: ModelFigures = { runs: 0, commands: 0, counterexample: null };
	const until = Date.now() + budgetMs;
	for (let part = 0; figures.runs < wanted && (part === 0 || Date.now() < until); part++) {
		const size = Math.min(atOnce, wanted - figures.runs);
		const [batch] = fc.sample(batches(size), { seed: seed + part, numRuns: 1 });
		const found = await divergenceOf(world, batch!);
		if (found) {
			figures.counterexample = `--runs=${size} --processes=1 --seed=${seed + part}\n${await explain(world, batch!, found)}`;
			return figures;
		}
		figures.runs += batch!.journeys.length;
		figures.commands += batch!.journeys.reduce((sum, one) => sum + one.commands.length, 0);
		onPlayed?.(figures.runs);
	}
	return figures;
}

async function divergenceOf(world: ModelWorld, batch: Batch): Promise<Divergence | null> {
	try {
		await playBatch(world, batch);
		return null;
	} catch (error) {
		if (error instanceof Divergence) return error;
		throw error;
	}
}

/** The journey alone, as small as it can be made in the time. */
async function explain(world: ModelWorld, batch: Batch, found: Divergence): Promise<string> {
	const journey = batch.journeys[found.journey]!;
	const length = found.turn + 1;
	const alone: Batch = {
		turns: batch.turns.slice(0, length),
		journeys: [{ ...journey, commands: journey.commands.slice(0, length) }]
	};
	const fails = async (one: Batch) => (await divergenceOf(world, one))?.message ?? null;
	const reason = await fails(alone);
	// "To the next due instant" depends on the others of its batch.
	if (reason === null) return `${found.message}\nof ${JSON.stringify(journey.plan)}`;
	const small = await shrink(alone, reason, fails, shrinkMs);
	return `${small.reason}\nof ${JSON.stringify({ ...small.batch.journeys[0], commands: undefined })}`;
}
