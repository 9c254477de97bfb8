import postgres from 'postgres';
import { addDelay } from '../../../src/lib/domain/time/addDelay.ts';
import type { BusinessHours, Calendar } from '../../../src/lib/domain/time/calendar.ts';
import { delayOf, timeCases } from './cases.ts';
import { createOracle, findTransitions, reckon, type TimeCase } from './oracle.ts';
import { zones } from './zones.ts';

export type TimeTable = { cases: number; zones: number; transitions: number; failures: string[] };

const set = 10_000;

export const calendarOf = (one: Pick<TimeCase, 'org' | 'hours' | 'holidays'>): Calendar => ({
	orgTimeZone: one.org,
	businessHours: one.hours as BusinessHours,
	holidays: new Set(one.holidays)
});

/**
 * E20: the product's time arithmetic against PostgreSQL's, around every change of the clocks of two years. `every`: takes
 * only each n-th case.
 */
export async function checkTimes(url: string, every = 1): Promise<TimeTable> {
	const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: { TimeZone: 'UTC' } });
	try {
		await createOracle(sql);
		const transitions = await findTransitions(sql, zones, '2026-02-01T00:00:00Z', '2027-02-01T00:00:00Z');
		const cases = timeCases(transitions, (n) => n % every === 0);
		const failures: string[] = [];
		for (let at = 0; at < cases.length; at += set)
			failures.push(...(await checkSet(sql, cases.slice(at, at + set))));
		return {
			cases: cases.length,
			zones: new Set(transitions.map(({ zone }) => zone)).size,
			transitions: transitions.length,
			failures
		};
	} finally {
		await sql.end();
	}
}

async function checkSet(sql: postgres.Sql, cases: TimeCase[]): Promise<string[]> {
	const answered = cases.map((one) => {
		const answer = addDelay(Date.parse(one.from), delayOf(one), one.zone, calendarOf(one));
		return { ...one, answer: new Date(answer).toISOString() };
	});
	const reckoned = await reckon(sql, answered);
	const failures: string[] = [];
	for (const [n, one] of answered.entries()) {
		const right = reckoned[n]!;
		if (right.i !== one.i || right.due === null)
			failures.push(`no answer of the oracle: ${JSON.stringify(one)}`);
		else if (Date.parse(one.answer) !== right.due)
			failures.push(`not ${new Date(right.due).toISOString()}: ${JSON.stringify(one)}`);
		else if (right.wrong) failures.push(`${right.wrong}: ${JSON.stringify(one)}`);
	}
	return failures;
}
