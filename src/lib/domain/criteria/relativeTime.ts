import { Temporal } from 'temporal-polyfill';
import { isRelativeDate } from './operators.ts';
import type { Condition, Criteria } from './criteria.ts';

/** All conditions of the tree, in order. */
export const conditionsOf = (criteria: Criteria): Condition[] =>
	'field' in criteria ? [criteria] : ('all' in criteria ? criteria.all : criteria.any).flatMap(conditionsOf);

/** ENR-2: whether the answer for an unchanged record can change as time passes. */
export const isTimeRelative = (criteria: Criteria): boolean =>
	conditionsOf(criteria).some((condition) => isRelativeDate(condition.op));

/**
 * ENR-2: when the criteria can flip next for records that do not change: relative dates count the organization's
 * days, so at its next midnight (the first instant of the day where midnight does not exist).
 * @returns null when time alone never changes the answer
 */
export function nextFlipAt(criteria: Criteria, now: Date, orgTimeZone: string): Date | null {
	if (!isTimeRelative(criteria)) return null;
	const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(orgTimeZone);
	return new Date(local.add({ days: 1 }).startOfDay().epochMilliseconds);
}
