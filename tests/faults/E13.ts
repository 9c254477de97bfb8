import { setTimeout as sleep } from 'node:timers/promises';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { startWorkers } from './E1/workers.ts';
import { waitForRest } from './E1/waitForRest.ts';
import { commitSettings, noteCommits, noteStop, readViolations } from './E13/commitTimes.ts';
import { makeMailChain } from './E13/mailChain.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const ON_MS = [40, 400] as const;
const OFF_MS = [10, 250] as const;
const MAILS = 20;

/** E13: a cadence under load is switched off and on 100 times; nothing begins between the two commits. */
const campaign: FaultCampaign = (context) =>
	inPlace({ settings: commitSettings, sinkDelayMs: 5 }, async ({ db, adminUrl, sink }) => {
		const random = seededRandom(context.seed);
		const switches = scaled(context, 100, 3);
		const leads = scaled(context, 400, 40);
		const { orgId, actor, cadenceId } = await makeMailChain(db, { leads, mails: MAILS });
		await noteCommits(db);
		const workers = await startWorkers(db, sink, 2);
		let restMs: number;
		try {
			while (sink.received() < 20) await sleep(20);
			for (let n = 0; n < switches; n++) {
				await sleep(random.int(...ON_MS));
				await withOrg(db.web, orgId, async (tx) => {
					await deactivateCadence(tx, actor, { cadenceId });
					await noteStop(tx, n, 'off');
				});
				await sleep(random.int(...OFF_MS));
				await withOrg(db.web, orgId, async (tx) => {
					await noteStop(tx, n, 'on');
					await activateCadence(tx, actor, { cadenceId, halted: 'continue' });
				});
				if (n % 20 === 19) context.log(`${n + 1} times off and on, ${sink.received()} mails at the sink`);
			}
			restMs = await waitForRest(db, orgId, { patienceMs: 60_000 });
		} finally {
			await workers.stop();
		}
		const end = await readViolations(db);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, orgId);
		return conclude(
			context,
			{
				leads,
				...end,
				atSink: sink.received(),
				delivered: verdict.delivered,
				doubtful: verdict.doubtful,
				restMs
			},
			[
				[`${switches} times off and on`, end.windows === switches],
				['0 sends begun while it was off', end.sendingsWhileOff === 0],
				['0 steps begun while it was off', end.stepsWhileOff === 0],
				[
					'0 lost, 0 duplicated, 0 stuck',
					verdict.lost + verdict.duplicated + verdict.stuckMessages + verdict.stuckRuns === 0
				],
				['every mail of every chain was sent', verdict.delivered === leads * MAILS],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
