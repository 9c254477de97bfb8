import { setTimeout as sleep } from 'node:timers/promises';
import { shortenMinutes } from './E1/shortenMinutes.ts';
import { startWorkers } from './E1/workers.ts';
import { answerAll, makePoisons, readPoisons, type PoisonEnd } from './E16/poisons.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const preload = new URL('../support/poisonPreload.ts', import.meta.url).href;
const PATIENCE_MS = 420_000;
/** What a supervisor waits before it starts a dead worker again. */
const RESTART_MS = 100;

/** E16: one task, one answer and one mail among 1,000 of each end every process that works on them. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const records = scaled(context, 1_000, 100);
		const poisons = await makePoisons(db, records);
		const workers = await startWorkers(db, sink, 1, { preloads: [preload] });
		const hurry = shortenMinutes(db, workers, { ageLeases: true });
		let answered = false;
		const settled = (now: PoisonEnd) =>
			now.stepsDone === records - 1 &&
			now.answersApplied === records - 1 &&
			now.mailsSent + now.mailsDoubtful === records - 1 &&
			now.runsAside === 2 &&
			now.mailsAside === 1;
		const tend = async () => {
			await workers.revive(RESTART_MS);
			const now = await readPoisons(db, poisons);
			if (!answered && now.asked === records && now.stepsDone >= records - 1 && now.runsAside === 1) {
				await answerAll(db, poisons);
				answered = true;
				context.log(`the task is set aside after ${workers.deaths()} deaths`);
			}
			return now;
		};
		try {
			const until = Date.now() + PATIENCE_MS;
			while (!settled(await tend()) && Date.now() < until) await sleep(250);
		} finally {
			await hurry.stop();
			await workers.stop();
		}
		const end = await readPoisons(db, poisons);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, poisons.orgId);
		return conclude(
			context,
			{ records, ...end, deaths: workers.deaths(), atSink: sink.received() },
			[
				['the task and the answer are set aside after 5', end.runsAside === 2 && end.responsesAside === 1],
				['the mail is set aside after 5', end.mailsAside === 1],
				['all other tasks, answers and mails are done', settled(end)],
				['0 duplicated, only the one mail not delivered', verdict.duplicated === 0 && verdict.lost === 1],
				['at most 5 deaths for each', workers.deaths() <= 15],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
