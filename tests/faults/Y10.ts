import type { FaultCampaign } from './run.ts';
import { conclude } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { knockAtGate, publishHostile } from './Y10/hostile.ts';

/** Y10: documents that naive code chokes on: refused at the gate; were they in the log, publishing would say so. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const gate = await knockAtGate(db);
		const publish = await publishHostile(db);
		for (const name of [...gate.letIn, ...publish.crashed]) context.log(name);
		return conclude(
			context,
			{
				letIn: gate.letIn.length,
				stored: gate.stored,
				publishRefused: publish.refused,
				published: publish.published,
				publishCrashed: publish.crashed.length,
				hostilePlans: publish.hostilePlans
			},
			[
				['all refused at the gate', gate.letIn.length === 0 && gate.stored === 0 && gate.errors === 0],
				['no prototype reached', !gate.polluted],
				['publishing answers, whatever is in the log', publish.crashed.length === 0],
				['0 plans hold any of it', publish.hostilePlans === 0]
			]
		);
	});
export default campaign;
