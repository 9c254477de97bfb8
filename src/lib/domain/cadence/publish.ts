import { z } from 'zod';

/** VER-4: what happens to live runs whose scheduled action changed. */
export const editDecisions = ['stop', 'move', 'keep'] as const;
export type EditDecision = (typeof editDecisions)[number];

export const publishSchema = z.object({
	cadenceId: z.uuid(),
	note: z.string().trim().max(1000, 'A note has at most 1,000 characters.').default(''),
	/** Number of the version the publisher saw as live; null = none. Somebody else's publish makes it stale (VER-6). */
	expectedVersion: z.int().min(1).nullable(),
	/** Of the draft that the publisher looked at; one that was changed since is refused (VER-6). */
	reviewed: z.hex().length(64).optional(),
	/** VER-2: the first publish offers "activate now". */
	activate: z.boolean().default(true),
	/** At the active limit: publish as inactive, or store nothing. */
	atLimit: z.enum(['refuse', 'inactive']).default('refuse'),
	/** VER-5: whether records that are in the view already are enrolled. */
	includeExisting: z.boolean().default(true),
	/** VER-4: action id -> decision; an affected action that is not listed is `stop`. */
	decisions: z.record(z.string().max(40), z.enum(editDecisions)).default({}),
	/** VER-4: runs that only wait for a response are moved as well, where that is possible. */
	moveWaiting: z.boolean().default(false)
});
export type PublishInput = z.input<typeof publishSchema>;
