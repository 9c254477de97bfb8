import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { collabProgram } from '../support/collabProcess.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { readNonsense } from './Y6/readNonsense.ts';
import { sendNonsense } from './Y6/sendNonsense.ts';

/** Y6: 200,000 malformed frames on the wire, and as many each read by a socket of its own: nothing crashes or changes. */
const campaign: FaultCampaign = async (context) => {
	const frames = scaled(context, 200_000, 2_000);
	const random = seededRandom(context.seed);
	const program = await bundle(collabProgram);
	try {
		const read = await readNonsense(frames, random);
		return await inPlace({}, async ({ db }) => {
			const sent = await sendNonsense(db, frames, random, program.file);
			return conclude(
				context,
				{ ...sent, read: read.read, readLegalEdits: read.legalEdits, readLongestMs: read.longestMs },
				[
					['0 crashes, 0 faults', sent.faults === 0 && read.errors === 0],
					['the draft stays whole', sent.strangeParts === 0 && read.strangeParts === 0],
					['no turn takes longer than 100 ms', sent.stallMs <= 100 && read.longestMs <= 100],
					['memory grows by 100 MB at most', sent.rssGrewMb <= 100]
				]
			);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
