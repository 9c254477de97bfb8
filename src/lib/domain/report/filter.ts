import { z } from 'zod';

/** REP-1: "enrolled in" looks at runs that began in the days, "happened in" at events of the days (org days). */
const reportModes = ['enrolled', 'happened'] as const;
export type ReportMode = (typeof reportModes)[number];

export const reportFilterSchema = z
	.object({
		cadenceId: z.uuid(),
		mode: z.enum(reportModes).default('enrolled'),
		/** First and last day, both included; null = open. */
		from: z.iso.date('Write a date like 2026-05-31.').nullable().default(null),
		to: z.iso.date('Write a date like 2026-05-31.').nullable().default(null),
		/** One version; null = all. */
		versionId: z.uuid().nullable().default(null),
		/** Records of one owner; the viewer's own visibility (PER-3) comes on top. */
		ownerId: z.uuid().nullable().default(null)
	})
	.refine(({ from, to }) => from === null || to === null || from <= to, {
		message: 'The first day is after the last.',
		path: ['from']
	});
export type ReportFilter = z.input<typeof reportFilterSchema>;
export type ParsedReportFilter = z.output<typeof reportFilterSchema>;
