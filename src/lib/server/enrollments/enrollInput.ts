import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';

/** CRM-7: rows that were ticked, or all records of a list as it was shown. */
export const selectionSchema = z.union([
	z.object({ ids: z.array(z.uuid()).min(1).max(100_000) }),
	z.object({
		filter: z.object({
			viewId: z.uuid().optional(),
			criteria: criteriaSchema.nullable().optional(),
			search: z.string().max(200).optional()
		})
	})
]);
export type RecordSelection = z.infer<typeof selectionSchema>;

/** ENR-8: the action that is due at once, instead of the first one after its delay. */
export const startAtSchema = z.string().min(1).max(40).nullable().default(null);

export const enrollSchema = z.object({
	cadenceId: z.uuid(),
	records: selectionSchema,
	startAt: startAtSchema
});

/** ENR-6: why a record was not enrolled. */
const enrollSkips = [
	'already_enrolled',
	'enrolled_before',
	'matches_unenrollment',
	'converted',
	'no_permission',
	'cadence_inactive',
	'wrong_module',
	'deleted'
] as const;
export type EnrollSkip = (typeof enrollSkips)[number];
export type EnrollResult = { enrolled: number; skipped: Partial<Record<EnrollSkip, number>> };

/** Up to here at once; above it in the background with progress (ENR-1). */
export const inlineLimit = 1000;

export function addResult(sum: EnrollResult, part: EnrollResult): EnrollResult {
	const skipped = { ...sum.skipped };
	for (const reason of enrollSkips) {
		const n = (skipped[reason] ?? 0) + (part.skipped[reason] ?? 0);
		if (n) skipped[reason] = n;
	}
	return { enrolled: sum.enrolled + part.enrolled, skipped };
}
