import { z } from 'zod';
import { nodeIdSchema } from '#lib/domain/cadence/draft.ts';

const valueSchema = z.union([
	z.string().max(32_000),
	z.number(),
	z.boolean(),
	z.array(z.string().max(200)).max(100),
	z.null()
]);

/** VER-7: the record to play: one that is there, a made-up one, or one that is there with other values. */
export const simulateSchema = z.object({
	recordId: z.uuid('Choose a record.').nullable().default(null),
	/** Values by field key; of a record that is there, what differs. */
	values: z.record(z.string().max(61), valueSchema).default({}),
	/** Stands for the enrollment: which variant of an e-mail is sent depends on it. */
	seed: z.uuid(),
	/** The simulated instant; now when absent. */
	at: z.iso.datetime({ offset: true }).nullable().default(null),
	/** Actions that were executed on the way, in order: what they change is changed in the record. */
	executed: z.array(nodeIdSchema).max(2000).default([])
});
export type SimulateInput = z.input<typeof simulateSchema>;
export type ParsedSimulateInput = z.output<typeof simulateSchema>;
