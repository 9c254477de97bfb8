import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { judgeRaces, raceUnenrollment, watchCommits } from '../faults/E10/race.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { readSinkLog } from '../support/sinkLog.ts';
import { startSink } from '../support/startSink.ts';

const RACES = 40;

test('E10: un-enrollment against a due mail: nothing is accepted whose sending was committed after it', async ({
	db
}) => {
	const sink = await startSink();
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		await watchCommits(db);
		const { orgId } = await raceUnenrollment(db, { races: RACES, random: seededRandom(10) });
		closeSmtpPools();
		await sink.stop();
		const figures = await judgeRaces(db, orgId, readSinkLog(sink.logFile));
		expect(figures).toMatchObject({ unenrolled: RACES, missed: 0, acceptedTooLate: 0 });
		expect(figures.before + figures.after).toBe(RACES);
	} finally {
		setConfig(undefined);
		closeSmtpPools();
		await sink.remove();
	}
}, 120_000);
