import { parseCronItems, type ParsedCronItem } from 'graphile-worker';
import type { JobName } from '#lib/server/jobs.ts';

const every = (task: JobName, match: string) => ({
	task,
	match,
	identifier: task,
	// A minute that was missed needs no catching up: each run looks at everything that is due.
	options: { backfillPeriod: 0 as const, maxAttempts: 1, jobKey: task }
});

/** Watchdogs: a lost wake-up costs a minute, never a step (DESIGN.md 2). Times are UTC. */
export const crontab = (known: ReadonlySet<string>): ParsedCronItem[] =>
	parseCronItems(
		[
			every('sweep', '* * * * *'),
			every('foldReports', '* * * * *'),
			every('compactDocuments', '*/10 * * * *')
		].filter((item) => known.has(item.task))
	);
