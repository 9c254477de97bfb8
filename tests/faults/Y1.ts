import { collabProgram } from '../support/collabProcess.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { killWhileWriting } from './Y1/killWhileWriting.ts';

/** Y1: 20 writers, at least 5,000 acknowledged edits, at least 20 kills of their server: none of the edits is lost. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(collabProgram);
	try {
		return await inPlace({ durable: true }, async ({ db }) => {
			const kills = scaled(context, 25, 2);
			const edits = scaled(context, 6_000, 300);
			const figures = await killWhileWriting(db, { writers: 20, edits, kills, program: program.file });
			return conclude(context, figures, [
				['0 acknowledged edits lost', figures.lost === 0],
				['as many edits and kills as wanted', figures.acknowledged >= edits && figures.kills >= kills]
			]);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
