import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { mergePairs } from './Y17/mergePairs.ts';

/** Y17: 10,000 random pairs of edits of valid drafts: the same verdict on every client, 0 invalid plans compiled. */
const campaign: FaultCampaign = async (context) => {
	const { invalidPlans, ...figures } = mergePairs(scaled(context, 10_000, 100), context.seed);
	for (const wrong of invalidPlans.slice(0, 10)) context.log(wrong);
	return conclude(context, { ...figures, invalidPlans: invalidPlans.length }, [
		['0 invalid plans compiled', invalidPlans.length === 0],
		['the same verdict everywhere', figures.differentVerdicts === 0],
		['some compiled, some were refused', figures.compiled > 0 && figures.refused > 0]
	]);
};
export default campaign;
