import { z } from 'zod';
import { nameText } from '../visibleText.ts';

/** CAD-3. `draft`: never published. */
export const cadenceStates = ['draft', 'active', 'inactive'] as const;
export type CadenceState = (typeof cadenceStates)[number];

export const enrollmentKinds = ['manual', 'view'] as const;
export type EnrollmentKind = (typeof enrollmentKinds)[number];

/** CAD-1. Unique in the organization, upper and lower case alike. */
export const cadenceNameSchema = nameText('Give the cadence a name.').max(
	100,
	'A name has at most 100 characters.'
);
export const cadenceDescriptionSchema = z
	.string()
	.trim()
	.max(500, 'A description has at most 500 characters.');

/** CAD-1, step 1: the target audience. Step 2 is the canvas. */
export const createCadenceSchema = z.object({
	name: cadenceNameSchema,
	description: cadenceDescriptionSchema.default(''),
	moduleKey: z.string().min(1, 'Choose a module.').max(80),
	enrollment: z.discriminatedUnion('kind', [
		z.object({ kind: z.literal('manual') }),
		z.object({ kind: z.literal('view'), viewId: z.uuid('Choose a view.') })
	])
});
export type CreateCadence = z.input<typeof createCadenceSchema>;

/** `A copy of X`, then `A copy of X (2)`; cut so that it stays a valid name. */
export function copyName(name: string, taken: ReadonlySet<string>): string {
	for (let n = 1; ; n++) {
		const tail = n === 1 ? '' : ` (${n})`;
		const copy = `Copy of ${name}`.slice(0, 100 - tail.length).trimEnd() + tail;
		if (!taken.has(copy.toLowerCase())) return copy;
	}
}
