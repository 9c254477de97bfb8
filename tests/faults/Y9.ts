import { collabProgram } from '../support/collabProcess.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { neverRead, sayTooMuch } from './Y9/overfill.ts';

/** Y9: too large a message, too large a draft, 50 readers who never read: told once, cut off, no memory lost to them. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(collabProgram);
	try {
		return await inPlace({}, async ({ db }) => {
			const told = await sayTooMuch(db, scaled(context, 60_000, 2_000));
			const readers = scaled(context, 50, 5);
			const lazy = await neverRead(db, readers, { program: program.file });
			const { text, ...figures } = told;
			return conclude(context, { ...figures, readers, ...lazy }, [
				[
					'told what is wrong',
					told.messageCode === 1009 && told.draftCode === 4413 && /too large/.test(text)
				],
				['at most 3 reconnects a minute', told.reconnects <= 3],
				['nothing of it is stored', told.stored === 0],
				['who never reads is cut off', lazy.cutOff === readers],
				['the writer beside them goes on', lazy.writerGoesOn === 1],
				['memory grows by 50 MB at most', lazy.rssGrewMb <= 50]
			]);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
