import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';

/**
 * What a bulk action is about: ticked rows, or all that the list showed (frozen on the server when confirmed). Strict: a
 * condition under a name nobody reads would be dropped, and "all" be more than was meant.
 */
export const selectionSchema = z.union([
	z.strictObject({ ids: z.array(z.uuid()).min(1, 'Select at least one record.').max(10_000) }),
	z.strictObject({
		all: z.strictObject({
			viewId: z.uuid().optional(),
			search: z.string().max(200).optional(),
			criteria: criteriaSchema.nullable().optional()
		})
	})
]);
export type SelectionInput = z.infer<typeof selectionSchema>;
