import { collabProgram } from '../support/collabProcess.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { killOneOfTwo } from './Y16/failOver.ts';

/** Y16: two processes serve one draft to ten people; one of them is killed, again and again: taken over within 15 s. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(collabProgram);
	try {
		return await inPlace({ durable: true }, async ({ db }) => {
			const kills = scaled(context, 10, 2);
			const { refused, ...figures } = await killOneOfTwo(db, { clients: 10, kills, program: program.file });
			for (const reason of refused) context.log(reason);
			return conclude(context, figures, [
				['0 edits refused', refused.length === 0],
				['people were on both', figures.fewestOnOneProcess > 0],
				['0 acknowledged edits lost', figures.lost === 0],
				['taken over within 15 s', figures.slowestTakeoverMs <= 15_000 && figures.kills === kills],
				['everybody sees the same', figures.differentViews === 0]
			]);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
