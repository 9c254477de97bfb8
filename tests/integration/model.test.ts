import { expect, test } from '../support/db.ts';
import { checkModel } from '../model/check.ts';

/** Short form of E23; the campaign plays 10,000. */
test(
	'E23, VER-7: random lives go on the engine as the model and the simulator say',
	{ timeout: 180_000 },
	async ({ db }) => {
		const seed = Math.floor(Math.random() * 2 ** 31);
		const { runs, counterexample } = await checkModel(db, { wanted: 200, seed });
		expect(counterexample).toBeNull();
		expect(runs).toBeGreaterThanOrEqual(200);
	}
);
