import { shiftClock } from '../../support/crm.ts';
import type { Place } from '../support/place.ts';
import { countDoubtful, historyOf } from './history.ts';
import { bury, live, startChild } from './parent.ts';
import { doubtfulAt, type Kind } from './points.ts';
import { makeScenario } from './scenario.ts';

/** `point` null: nobody dies, and the history is what the others are compared with. */
export type Trial = { kind: Kind; point: string | null; nth: number };
export type Results = {
	died: number;
	neverCame: number;
	doubtful: number;
	different: string[];
	strangeDoubt: string[];
	missing: string[];
};

const nameOf = ({ kind, point, nth }: Trial) => `${point ?? 'undisturbed'}:${nth} (${kind})`;
const failpointOf = (trial: Trial | undefined) => (trial?.point ? `${trial.point}:${trial.nth}` : undefined);

/** Each trial in an organization of its own; the next process starts while this one lives and dies. */
export async function runTrials(
	place: Place,
	{ program, ...receivers }: { standInUrl: string; hookUrl: string; program: string },
	trials: readonly Trial[],
	log: (line: string) => void
): Promise<Results> {
	const { db, adminUrl, sink } = place;
	const where = { db, adminUrl, smtpUrl: sink.url, program };
	const undisturbed = new Map<Kind, string[]>();
	const calm = [...new Set(trials.map(({ kind }) => kind))].map((kind): Trial => ({
		kind,
		point: null,
		nth: 1
	}));
	const all = [...calm, ...trials];
	const results: Results = {
		died: 0,
		neverCame: 0,
		doubtful: 0,
		different: [],
		strangeDoubt: [],
		missing: []
	};
	let next = startChild(where, failpointOf(all[0]));
	// The worker that is still there; it has no failpoint.
	let heir = startChild(where);

	const runOne = async (trial: Trial, child: typeof next) => {
		const scenario = await makeScenario(db, trial.kind, receivers);
		const ended = await live(child, scenario, 0);
		if (ended.signal) {
			results.died++;
			sink.noteKill(ended.pid);
			await bury(db, ended.pid);
			await live(heir, scenario, ended.done);
		} else if (trial.point && trial.nth === 1) results.missing.push(nameOf(trial));
		else if (trial.point) results.neverCame++;
		const history = await historyOf(db, scenario);
		const doubtful = await countDoubtful(db, scenario);
		results.doubtful += doubtful;
		if (!trial.point) undisturbed.set(trial.kind, history);
		const lines = difference(history, undisturbed.get(trial.kind) ?? []);
		if (lines.length) results.different.push(nameOf(trial));
		for (const line of lines) log(`${nameOf(trial)} ${line}`);
		const expected = ended.signal && trial.point && doubtfulAt.has(trial.point) ? 1 : 0;
		if (doubtful !== expected) results.strangeDoubt.push(`${nameOf(trial)} ${doubtful}`);
	};

	try {
		for (const [i, trial] of all.entries()) {
			const child = next;
			next = startChild(where, failpointOf(all[i + 1]));
			try {
				await runOne(trial, child);
			} catch (error) {
				log(`${nameOf(trial)} ${error instanceof Error ? error.message : String(error)}`);
				results.different.push(nameOf(trial));
				heir.kill('SIGKILL');
				heir = startChild(where);
			}
			child.kill('SIGKILL');
			await shiftClock(db, '0');
			if (i % 25 === 24) log(`${i + 1} of ${all.length} histories`);
		}
	} finally {
		for (const child of [next, heir]) child.kill('SIGKILL');
	}
	return results;
}

const difference = (is: readonly string[], wanted: readonly string[]) => [
	...wanted.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
	...is.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`)
];
