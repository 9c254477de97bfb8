import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { flipSome, makeScannedCadence, readScan } from './E24/records.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const script = fileURLToPath(new URL('./E24/scanner.ts', import.meta.url));
const RECORDS = 20_000;

/**
 * E24: scans of a view cadence are killed 100 times anywhere between their first and their last chunk, while records
 * leave and enter the view between them. A trigger of the campaign writes down what each un-enrolled record looked like.
 */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const random = seededRandom(context.seed);
		const kills = scaled(context, 100);
		const scan = await makeScannedCadence(db, scaled(context, RECORDS, 6_000));
		const start = (): ChildProcess =>
			fork(script, [db.urls.worker, scan.orgId, scan.cadenceId], {
				execArgv: [],
				stdio: ['ignore', 'ignore', 'inherit', 'ipc']
			});
		// The next one loads while this one scans.
		const waiting = [start(), start()];
		let killed = 0;
		let finished = 0;
		/** How long a whole scan takes here: kills fall anywhere in it. */
		let wholeMs = 500;
		try {
			while (killed < kills) {
				const child = waiting.shift()!;
				waiting.push(start());
				const ended = once(child, 'exit');
				if (child.connected) child.send('begin');
				await once(child, 'message');
				const begun = Date.now();
				const whole = ended.then(() => Date.now() - begun);
				await Promise.race([sleep(random.int(1, Math.ceil(wholeMs))), ended]);
				if (child.exitCode === null) {
					child.kill('SIGKILL');
					killed++;
				} else {
					finished++;
					wholeMs = (await whole) * 0.9;
				}
				await ended;
				// Until one was faster than its kill, nobody knows how long one takes.
				if (!finished) wholeMs = Math.min(wholeMs * 1.2, 15_000);
				await flipSome(db, scan, random);
				if (killed % 20 === 0) context.log(`${killed} kills, ${finished} scans were faster`);
			}
			const last = waiting.shift()!;
			last.send('begin');
			await once(last, 'exit');
		} finally {
			for (const child of waiting) child.kill('SIGKILL');
		}
		const end = await readScan(db, scan);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, scan.orgId);
		return conclude(
			context,
			{ kills: killed, finished, ...end },
			[
				['0 un-enrollments of records that were in the view', end.wrong === 0],
				['after a whole scan nobody is live who left', end.liveOutside === 0],
				['everybody in the view is enrolled, or was', end.missing === 0],
				['records left meanwhile', end.unenrolled > 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
