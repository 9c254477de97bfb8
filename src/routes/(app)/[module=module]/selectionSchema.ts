import { z } from 'zod';
import { criteriaSchema } from '#lib/domain/criteria/criteria.ts';

/** What a bulk action is about: ticked rows, or all that the list showed (frozen on the server when confirmed). */
export const selectionSchema = z.union([
	z.object({ ids: z.array(z.uuid()).min(1, 'Select at least one record.').max(10_000) }),
	z.object({
		all: z.object({
			viewId: z.uuid().optional(),
			search: z.string().max(200).optional(),
			criteria: criteriaSchema.nullable().optional()
		})
	})
]);
export type SelectionInput = z.infer<typeof selectionSchema>;
