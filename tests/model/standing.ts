import type { Delay } from '../../src/lib/domain/time/delay.ts';
import { leaveReason, makeAnew, settle } from './interpreter.ts';
import { isLive, logEvent, zoneOf, type Left, type Life, type ModelRun, type Race } from './life.ts';
import { canStandIn, leadsToNew, sameWait, startedIn } from './publish.ts';
import {
	actionIn,
	actionOf,
	lastHeard,
	leftAt,
	nextOf,
	openingOf,
	silenceDays,
	thaw,
	waitsForHandOver
} from './race.ts';
import { allow, endOf } from './time.ts';

/** ENR-9. */
export function pause(life: Life, cause: string, now: number): void {
	const { run } = life;
	if (!isLive(run) || run.pausedBy.has(cause)) return;
	run.pausedBy.add(cause);
	logEvent(life, run.no, 'paused', now, { detail: cause });
	if (run.status === 'paused') return;
	const next = nextOf(run);
	run.status = 'paused';
	const { race } = run;
	run.frozen = {
		...leftOf(life, run, now),
		silence: next?.branchId === 'end/no_response' ? Math.max(0, next.due - now) : null,
		since: now
	};
	race?.timers.clear();
}

/** Of every timer. */
function leftOf(life: Life, run: ModelRun, at: number): { entry: Left | null; timers: Map<string, Left> } {
	const { race } = run;
	const timers = new Map<string, Left>();
	for (const [id, due] of race?.timers ?? []) {
		const branch = actionOf(run, race!.actionId).branches.find((one) => one.id === id)!;
		timers.set(id, leftAt(life, due, branch.delay, at));
	}
	const entry = race || run.entryDue === null ? null : leftAt(life, run.entryDue, run.plan.entry.delay, at);
	return { entry, timers };
}

/** ENR-8: due at once, at resume if paused; the race is decided, its message withdrawn, activities stay. */
export function skipTo(life: Life, run: ModelRun, actionId: string, now: number): void {
	const { race } = run;
	for (const message of life.messages)
		if (message.runNo === run.no && message.actionId === race?.actionId && message.status === 'queued')
			message.status = 'cancelled';
	Object.assign(run, { sentTo: actionId, sentDue: now });
	race?.timers.clear();
	if (race) race.openedAt ??= now;
	if (run.frozen) run.frozen = { entry: null, timers: new Map(), silence: null, since: run.frozen.since };
	logEvent(life, run.no, 'skippedTo', now, { action: actionId });
}

const resumable = [
	'follow_up_edited',
	'manual',
	'left_view',
	'date',
	'record_deleted',
	'criteria',
	'response_rule',
	'late_reply',
	'deactivated'
];

/** REE-1, REE-3, ENR-3. */
export const canResume = (life: Life): boolean =>
	life.run?.status === 'stopped' &&
	resumable.includes(life.run.reason!) &&
	life.cadence === 'active' &&
	canStandIn(life.run, life.plan) &&
	!leaveReason(life) &&
	!life.activities.some((one) => one.runNo === life.run!.no && one.state === 'deleted');

/**
 * REE-4: goes on in the active version: what is as it was has what was left of its delay when the run stopped, the rest
 * is timed as by a move; withdrawn messages and activities come back.
 */
export function resumeStopped(life: Life, now: number): void {
	const run = life.run!;
	const { race, plan: older } = run;
	const endedAt = run.endedAt!;
	const wasPaused = run.frozen !== null;
	const left = run.frozen ?? { ...leftOf(life, run, endedAt), silence: null };
	const longer = silenceDays(life.plan) - silenceDays(older);
	if (race) race.noEndBefore += longer;
	run.plan = life.plan;
	Object.assign(run, { status: 'active', reason: null, endedAt: null, frozen: null });
	logEvent(life, run.no, 'resumed', now, { action: race?.actionId ?? '-' });
	for (const activity of life.activities)
		if (activity.runNo === run.no && activity.state === 'withdrawn')
			Object.assign(activity, { state: 'open', due: activity.due + (now - endedAt) });
	const isBack = race !== null && race.openedAt === null && bringBackMessage(life, run, race, now);
	if (run.sentTo !== null) {
		run.sentDue = now;
		return;
	}
	if (!race) {
		run.entryDue = timeAgain(life, older.entry, run.plan.entry, left.entry, run.enrolledAt, now);
		return;
	}
	const before = actionIn(older, race.actionId).branches;
	race.timers.clear();
	for (const { branch, at } of startedIn(actionIn(run.plan, race.actionId), race)) {
		if (!leadsToNew(run.plan, branch.target, run.done)) continue;
		const was = before.find(({ id }) => id === branch.id);
		const kept = left.timers.get(branch.id);
		// GRA-11: lost for good.
		if (branch.negative && was && kept === undefined && !isBack) continue;
		race.timers.set(branch.id, timeAgain(life, was, branch, kept ?? null, at, now));
	}
	const ends = Math.max(lastHeard(race) + silenceDays(run.plan), race.noEndBefore);
	const silence = wasPaused ? (left.silence ?? silenceDays(older)) + longer : ends - endedAt;
	race.noEndBefore = now + (run.plan.settings.endAfterDays === null ? silence : Math.max(0, silence));
	settle(life, run, now);
}

type Timed = { when?: unknown; delay: Delay };

/** What is left of a delay that is as it was; else it counts anew since it began. */
function timeAgain(
	life: Life,
	was: Timed | undefined,
	is: Timed,
	left: Left | null,
	since: number,
	now: number
): number {
	if (left !== null && was && sameWait(was, is)) return thaw(life, left, is.delay, now);
	const zone = zoneOf(life);
	return allow(Math.max(now, endOf(since, is.delay, zone, life.office)), is.delay, zone, life.office);
}

/** What was withdrawn is queued again. @returns whether it had left after all: the race opens with that time */
function bringBackMessage(life: Life, run: ModelRun, race: Race, now: number): boolean {
	const message = life.messages.find((one) => one.runNo === run.no && one.actionId === race.actionId);
	if (!message || !waitsForHandOver(race)) return false;
	if (message.status === 'cancelled' || message.status === 'failed') {
		Object.assign(message, { status: 'queued', notBefore: now, wait: null });
		makeAnew(life, run);
		return false;
	}
	race.openedAt = message.sentAt!;
	const opening = openingOf(actionOf(run, race.actionId));
	if (!race.came.has(opening)) race.came.set(opening, message.sentAt!);
	return true;
}

/** ENR-9: due = fit(resumedAt + remaining). */
export function resume(life: Life, cause: string, now: number): void {
	const { run } = life;
	if (run?.status !== 'paused' || !run.pausedBy.has(cause)) return;
	run.pausedBy.delete(cause);
	if (cause === 'person') run.pausedUntil = null;
	logEvent(life, run.no, 'unpaused', now, { detail: cause });
	if (run.pausedBy.size) return;
	const { race } = run;
	const frozen = run.frozen!;
	run.status = 'active';
	run.frozen = null;
	if (run.sentTo !== null) {
		run.sentDue = now;
		return;
	}
	if (!race) {
		run.entryDue = frozen.entry === null ? now : thaw(life, frozen.entry, run.plan.entry.delay, now);
		return;
	}
	const action = actionOf(run, race.actionId);
	for (const [id, left] of frozen.timers)
		race.timers.set(id, thaw(life, left, action.branches.find((one) => one.id === id)!.delay, now));
	race.held = { from: frozen.since, until: now };
	race.noEndBefore = now + (frozen.silence ?? silenceDays(run.plan));
	settle(life, run, now);
}
