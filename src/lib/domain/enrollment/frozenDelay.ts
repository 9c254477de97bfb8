import { addDelay, fitDelay } from '../time/addDelay.ts';
import { addBusinessTime, businessTimeBetween } from '../time/businessTime.ts';
import type { Delay } from '../time/delay.ts';
import type { TransitionContext } from './runEvent.ts';
import type { FrozenDelay, Instant } from './state.ts';

type Clock = Pick<TransitionContext, 'now' | 'calendar' | 'timeZone'>;

const isBusiness = (delay: Delay) => delay.unit === 'businessHours' || delay.unit === 'businessDays';

/** ENR-9: what is left of a delay at an instant, in its own unit. */
export function freeze(dueAt: Instant, delay: Delay, at: Instant, { calendar }: Clock): FrozenDelay {
	const business = isBusiness(delay);
	return {
		remaining: business ? businessTimeBetween(at, dueAt, calendar) : Math.max(0, dueAt - at),
		business
	};
}

/** ENR-9: due = fit(now + remaining); what came during the pause starts its full delay now. */
export function thaw(left: FrozenDelay, delay: Delay, { now, calendar, timeZone }: Clock): Instant {
	if (left.full) return addDelay(now, delay, timeZone, calendar);
	const ends = left.business ? addBusinessTime(now, left.remaining, calendar) : now + left.remaining;
	// A calendar without any business time left must not hold a run for ever.
	return fitDelay(ends ?? now, delay, timeZone, calendar) ?? now;
}

/** VER-4: due = fit(max(now, startedAt + delay)). */
export function dueSince(startedAt: Instant, delay: Delay, { now, calendar, timeZone }: Clock): Instant {
	const due = Math.max(now, addDelay(startedAt, delay, timeZone, calendar));
	return fitDelay(due, delay, timeZone, calendar) ?? due;
}
