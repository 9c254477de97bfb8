import { shortenMinutes } from '../E1/shortenMinutes.ts';
import { countOpen, waitForRest } from '../E1/waitForRest.ts';
import { startWorkers, type Workers } from '../E1/workers.ts';
import type { FaultContext, FaultResult } from '../run.ts';
import { askJudge, conclude, invariantsHold, type Check } from '../support/conclude.ts';
import type { Place } from '../support/place.ts';
import { countRight, enrollEvenly, makeLoad, type Load } from './load.ts';

type Outcome = { figures: Record<string, number>; checks: Check[] };

/**
 * The common part of E3 and E4: two workers carry 5,000 enrollments through four steps while the database is taken away
 * from them. `harm` runs as long as people enroll; afterwards everybody must have had exactly the four steps.
 */
export async function carryOn(
	context: FaultContext,
	place: Place,
	{ enrollments, overMs }: { enrollments: number; overMs: number },
	harm: (over: () => boolean, workers: Workers) => Promise<(load: Load) => Promise<Outcome>>
): Promise<FaultResult> {
	const { db, sink, adminUrl } = place;
	const load = await makeLoad(db, enrollments);
	const { orgId } = load.world;
	const workers = await startWorkers(db, sink, 2);
	let over = false;
	try {
		const enrolling = enrollEvenly(db, load, overMs).finally(() => (over = true));
		const outcomeOf = await harm(() => over, workers);
		const triedAgain = await enrolling;
		context.log(`the harm is over; ${await countOpen(db, orgId)} messages and responses are open`);
		await waitForRest(db, orgId, { patienceMs: 15_000 });
		const exits = workers.exits();
		// What a worker holds without knowing (its claim was committed, the answer was lost) waits for its lease.
		await workers.replaceAll();
		const hurry = shortenMinutes(db, workers, { ageLeases: true });
		const restMs = await waitForRest(db, orgId, { patienceMs: 60_000 }).finally(hurry.stop);
		await workers.stop();
		await sink.stop();
		const right = await countRight(db, load);
		const { figures, checks } = await outcomeOf(load);
		const verdict = await askJudge(adminUrl, sink.logFile, orgId);
		const { mails, delivered, duplicated, lost, doubtful, stuckMessages, stuckRuns } = verdict;
		return conclude(
			context,
			{
				enrollments,
				right,
				...figures,
				triedAgain,
				exits,
				mails,
				delivered,
				duplicated,
				lost,
				doubtful,
				restMs
			},
			[
				[`${enrollments} of ${enrollments} right`, right === enrollments],
				...checks,
				['0 duplicates, 0 lost', duplicated + lost === 0],
				['0 stuck', stuckMessages + stuckRuns === 0],
				['0 processes ended', exits === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	} finally {
		over = true;
		await workers.stop();
	}
}
