import { checkModel } from '../model/check.ts';
import { expect, test } from '../support/db.ts';

/** Short form of E23, as much of it as a busy machine plays in the time; the campaign plays 10,000. */
test(
	'E23, VER-7: random lives go on the engine as the model and the simulator say',
	{ timeout: 180_000 },
	async ({ db }) => {
		const seed = Math.floor(Math.random() * 2 ** 31);
		const { runs, counterexample } = await checkModel(db, {
			wanted: 200,
			atOnce: 100,
			seed,
			budgetMs: 15_000
		});
		expect(counterexample).toBeNull();
		expect(runs).toBeGreaterThan(0);
	}
);
