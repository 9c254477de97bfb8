import { startWhatsappStandIn } from '../../src/lib/server/channels/whatsapp/standIn.ts';
import { shiftClock } from '../support/crm.ts';
import { standInSecrets } from '../support/whatsapp.ts';
import { countDoubtful, historyOf } from './E2/history.ts';
import { bury, live, startChild } from './E2/parent.ts';
import { doubtfulAt, kinds, points, type Kind } from './E2/points.ts';
import { makeScenario } from './E2/scenario.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { askJudge, conclude, invariantsHold, numberArgument } from './support/conclude.ts';
import { inPlace, type Place } from './support/place.ts';

type Trial = { kind: Kind; point: string | null; nth: number };

/**
 * E2: a process dies at every named instruction boundary (the first time it comes by, or the first N times) of a history with a
 * mail, a WhatsApp message, a task or a call, and another one finishes. What is left must be the history of a run in
 * which nobody died. `--passes=N`, `--points=prefix`.
 */
const campaign: FaultCampaign = async (context) => {
	const passes = numberArgument(context, 'passes', 1);
	const only = context.args.find((arg) => arg.startsWith('--points='))?.slice('--points='.length) ?? '';
	const trials = Object.entries(points)
		.filter(([point]) => point.startsWith(only))
		.flatMap(([point, which]) =>
			which.flatMap((kind) => Array.from({ length: passes }, (_, i): Trial => ({ kind, point, nth: i + 1 })))
		);
	const program = await bundle(new URL('./E2/child.ts', import.meta.url));
	return inPlace({}, async (place) => {
		const standIn = await startWhatsappStandIn({
			...standInSecrets,
			port: 0,
			callbackUrl: null,
			reports: []
		});
		try {
			const results = await runAll(
				place,
				{ standInUrl: standIn.url, program: program.file },
				trials,
				context.log
			);
			await place.sink.stop();
			const verdict = await askJudge(place.adminUrl, place.sink.logFile);
			const callbacks = standIn.messages.map((message) => message.callbackData);
			const twice = callbacks.length - new Set(callbacks).size;
			const { mails, delivered, duplicated, lost, stuckMessages, stuckRuns } = verdict;
			const { died, different, strangeDoubt, missing, doubtful, ...counts } = results;
			return conclude(
				context,
				{
					points: new Set(trials.map(({ point }) => point)).size,
					trials: trials.length,
					died,
					...counts,
					doubtful,
					mails,
					delivered,
					duplicated,
					lost,
					whatsappPosts: callbacks.length,
					postedTwice: twice
				},
				[
					['at least 25 points', only !== '' || new Set(trials.map(({ point }) => point)).size >= 25],
					[`died at every point${missing.length ? `: not at ${missing.join(', ')}` : ''}`, !missing.length],
					[`every history equals the undisturbed one${list(different)}`, !different.length],
					[`doubtful only between 354 and settle${list(strangeDoubt)}`, !strangeDoubt.length],
					['0 duplicates, 0 lost', duplicated + lost + twice === 0],
					['0 stuck', stuckMessages + stuckRuns === 0],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		} finally {
			await standIn.stop();
			await program.remove();
		}
	});
};
export default campaign;

const list = (texts: readonly string[]) => (texts.length ? `: ${texts.join(', ')}` : '');
const nameOf = ({ kind, point, nth }: Trial) => `${point ?? 'undisturbed'}:${nth} (${kind})`;

async function runAll(
	place: Place,
	{ standInUrl, program }: { standInUrl: string; program: string },
	trials: readonly Trial[],
	log: (line: string) => void
) {
	const { db, adminUrl, sink } = place;
	const where = { db, adminUrl, smtpUrl: sink.url, program };
	const undisturbed = new Map<Kind, string[]>();
	const first = [...new Set(trials.map(({ kind }) => kind))].map((kind): Trial => ({
		kind,
		point: null,
		nth: 1
	}));
	const result = {
		died: 0,
		neverCame: 0,
		doubtful: 0,
		different: [] as string[],
		strangeDoubt: [] as string[],
		missing: [] as string[]
	};
	const all = [...first, ...trials];
	const failpointOf = (trial: Trial | undefined) =>
		trial?.point ? `${trial.point}:${trial.nth}` : undefined;
	let next = startChild(where, failpointOf(all[0]));
	// The worker that is still there; it has no failpoint.
	const heir = startChild(where);
	for (const [i, trial] of all.entries()) {
		const child = next;
		next = startChild(where, failpointOf(all[i + 1]));
		const scenario = await makeScenario(db, trial.kind, standInUrl);
		const ended = await live(child, scenario, 0);
		if (ended.signal) {
			result.died++;
			sink.noteKill(ended.pid);
			await bury(db, ended.pid);
			await live(heir, scenario, ended.done);
		} else {
			child.kill('SIGKILL');
		}
		if (!ended.signal && trial.point) {
			if (trial.nth === 1) result.missing.push(nameOf(trial));
			else result.neverCame++;
		}
		await shiftClock(db, '0');
		const history = await historyOf(db, scenario);
		const doubtful = await countDoubtful(db, scenario);
		result.doubtful += doubtful;
		if (!trial.point) undisturbed.set(trial.kind, history);
		else if (!same(history, undisturbed.get(trial.kind)!)) {
			result.different.push(nameOf(trial));
			for (const line of difference(history, undisturbed.get(trial.kind)!)) log(`${nameOf(trial)} ${line}`);
		}
		const expected = ended.signal && trial.point && doubtfulAt.has(trial.point) ? 1 : 0;
		if (doubtful !== expected) result.strangeDoubt.push(`${nameOf(trial)} ${doubtful}`);
		if (i % 25 === 24) log(`${i + 1} of ${all.length} histories`);
	}
	for (const child of [next, heir]) child.kill('SIGKILL');
	if (kinds.every((kind) => undisturbed.get(kind)?.length === 0)) throw new Error('Nothing happened at all.');
	return result;
}

const same = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n');

const difference = (is: readonly string[], wanted: readonly string[]) => [
	...wanted.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
	...is.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`)
];
