import { z } from 'zod';

/** What `/<module>/enrollments` answers; the dialog and the route share it. */
export const enrollmentChoices = z.array(
	z.object({ id: z.string(), name: z.string(), disabledReason: z.string().nullable() })
);
export type EnrollmentChoice = z.infer<typeof enrollmentChoices>[number];

export const enrollmentOutcome = z.object({
	/** Enrolled, un-enrolled or re-enrolled; in a preview, how many would be. */
	count: z.number(),
	/** ENR-6: in words. */
	skipped: z.array(z.object({ reason: z.string(), count: z.number() })),
	/** REE-2, for a preview of re-enrolling: of `count`, how many can resume. */
	resumable: z.number().optional(),
	/** Work that goes on in the background. */
	taskId: z.string().nullable().optional()
});
export type EnrollmentOutcome = z.infer<typeof enrollmentOutcome>;
