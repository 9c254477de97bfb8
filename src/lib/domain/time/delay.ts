import { z } from 'zod';

/** GRA-5: how long a branch waits. Calendar units are calendar steps; the rest is applied by `fit`. */
export const delayUnits = [
	'immediately',
	'minutes',
	'hours',
	'businessHours',
	'days',
	'businessDays',
	'weeks',
	'months'
] as const;
export type DelayUnit = (typeof delayUnits)[number];

/** Units for which "at HH:MM" makes sense: a day or longer. */
export const dayUnits: readonly DelayUnit[] = ['days', 'businessDays', 'weeks', 'months'];

export const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Use a time like 09:30');
/** ISO weekdays, 1 = Monday .. 7 = Sunday. */
export const weekdaysSchema = z.array(z.int().min(1).max(7)).min(1).max(7);
export const windowSchema = z.object({ from: timeOfDaySchema, to: timeOfDaySchema });
export type TimeWindow = z.infer<typeof windowSchema>;

export const delaySchema = z.object({
	/** 1-99; ignored for `immediately`. */
	amount: z.int().min(1).max(99),
	unit: z.enum(delayUnits),
	at: timeOfDaySchema.optional(),
	weekdays: weekdaysSchema.optional(),
	window: windowSchema.optional()
});
export type Delay = z.infer<typeof delaySchema>;

export const immediately: Delay = { amount: 1, unit: 'immediately' };
