type Figures = Record<string, number>;

/** Label, key, what it should be. */
const lines: readonly (readonly [string, string, string])[] = [
	['graphile-worker no-op jobs/s', 'rawJobsPerSecond', ''],
	['one job per action, steps/s', 'oneJobPerStepPerSecond', ''],
	['task steps/s', 'taskStepsPerSecond', ''],
	['  / no-op jobs', 'ratioToRaw', '>= 0.5'],
	['  / one job per action', 'ratioToOneJobPerStep', '>= 20'],
	['bare nodemailer, mails/s', 'bareMailerPerSecond', ''],
	['e-mail steps/s', 'emailStepsPerSecond', ''],
	['  / bare nodemailer', 'emailRatio', '>= 0.5'],
	['responses/s', 'responsesPerSecond', ''],
	['  / no-op jobs', 'responsesRatio', '>= 0.3'],
	['cost of a step, 1,000,000 waiting / 10,000', 'costGrowth1M', '<= 1.25'],
	['rate under a held snapshot / free', 'heldSnapshotRatio', '>= 0.85'],
	['p95 lateness when idle, ms', 'lateP95Ms', ''],
	['  / graphile-worker at its defaults', 'latenessRatio', '<= 0.1'],
	['small cadence beside a million, p95 ms late', 'smallCadenceLateP95Ms', '<= 2000'],
	['rate with 1 % refused / clean', 'poisonRatio', '>= 0.5'],
	['enrolling 100,000 / bare statement', 'enroll100kRatio', '<= 1.5'],
	['1,000 changed x 50 views / all of 1,000,000', 'changedViewsRatio', '<= 0.005'],
	['peak memory of the worker, MB', 'workerPeakMb', '< 400']
];

/** The table for people; where the time goes is in README.md beside this file. */
export function explain(say: (line: string) => void, figures: Figures): void {
	for (const [label, key, goal] of lines)
		say(`${label.padEnd(48)}${String(figures[key] ?? '-').padStart(10)}  ${goal}`);
}
