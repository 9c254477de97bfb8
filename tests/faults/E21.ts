import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { makeDueSoon, readPunctuality } from './E21/dueSoon.ts';
import { startWorkers } from './E1/workers.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const HOUR_MS = 3_600_000;
/** Both workers are up before the first step is due. */
const AFTER_SECONDS = 20;
const WITHIN_SECONDS = 30;
const PATIENCE_MS = 120_000;
const preload = new URL('../support/shiftDatePreload.ts', import.meta.url).href;

/** E21: one worker's clock is an hour ahead, the other's an hour behind: only the database's decides what is due. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const runs = scaled(context, 1_000, 20);
		const { orgId } = await makeDueSoon(db, {
			runs,
			afterSeconds: AFTER_SECONDS,
			withinSeconds: WITHIN_SECONDS
		});
		const crooked = (ms: number) =>
			startWorkers(db, sink, 1, { env: { CLOCK_SHIFT_MS: String(ms) }, preloads: [preload] });
		const workers = await Promise.all([crooked(HOUR_MS), crooked(-HOUR_MS)]);
		try {
			const mails = Math.floor(runs / 2);
			const until = Date.now() + PATIENCE_MS;
			const done = async () => (await readPunctuality(db)).begun >= runs && sink.received() >= mails;
			while (!(await done()) && Date.now() < until) await sleep(250);
		} finally {
			await Promise.all(workers.map((worker) => worker.stop()));
		}
		const end = await readPunctuality(db);
		const [early] = await db.admin.execute<{ mails: number }>(sql`
			select count(*)::int as mails from messages m join steps_due d using (enrollment_id)
			where m.org_id = ${orgId} and m.sent_at < d.due_at - interval '1 millisecond'`);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, orgId);
		return conclude(
			context,
			{ runs, ...end, mails: sink.received(), earlyMails: early!.mails },
			[
				['every step was executed', end.begun === runs],
				['every mail arrived once', verdict.delivered === sink.received() && verdict.duplicated === 0],
				['0 early', end.early === 0 && early!.mails === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
