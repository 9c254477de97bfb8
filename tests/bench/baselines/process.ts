/** The other side of each comparison in a process of its own. Told what to measure by messages; answers each with the rate. */
import { bareMailerPerSecond } from './bareMailer.ts';
import { oneJobPerStepPerSecond } from './oneJobPerStep.ts';
import { rawGraphileJobsPerSecond } from './rawGraphile.ts';

const baselines = {
	bareMailer: bareMailerPerSecond,
	oneJobPerStep: oneJobPerStepPerSecond,
	rawGraphile: rawGraphileJobsPerSecond
};
export type Baselines = typeof baselines;
export type Measure = {
	[Name in keyof Baselines]: { name: Name; args: Parameters<Baselines[Name]> };
}[keyof Baselines];
export type Measured = { rate: number } | { failed: string };

const measure = (order: Measure): Promise<number> => {
	switch (order.name) {
		case 'bareMailer':
			return baselines.bareMailer(...order.args);
		case 'oneJobPerStep':
			return baselines.oneJobPerStep(...order.args);
		case 'rawGraphile':
			return baselines.rawGraphile(...order.args);
	}
};
process.on('message', (order: Measure) => {
	measure(order).then(
		(rate) => process.send!({ rate } satisfies Measured),
		(error: unknown) => process.send!({ failed: String(error) } satisfies Measured)
	);
});
process.on('disconnect', () => process.exit(0));
