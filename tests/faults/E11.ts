import { setTimeout as sleep } from 'node:timers/promises';
import { makeCollision, readCollision } from './E11/collide.ts';
import { startWorkers } from './E1/workers.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const PATIENCE_MS = 90_000;

/** E11: 1,000 records whose un-enrollment and whose next mail become due in the same instant: all leave, none gets it. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const records = scaled(context, 1_000, 30);
		const collision = await makeCollision(db, records);
		const workers = await startWorkers(db, sink, 2);
		try {
			const until = Date.now() + PATIENCE_MS;
			while ((await readCollision(db, collision)).live > 0 && Date.now() < until) await sleep(250);
			// Whatever would still come has the time to come.
			await sleep(2_000);
		} finally {
			await workers.stop();
		}
		const end = await readCollision(db, collision);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, collision.orgId);
		return conclude(
			context,
			{ records, ...end, atSink: sink.received() },
			[
				['all un-enrolled, for the criteria', end.unenrolled === records],
				['0 sent', sink.received() === 0 && end.handedOver === 0],
				['0 steps executed', end.actionsAfter === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
