import type { DraftSettings } from '../cadence/draft.ts';
import type { Plan, PlanAction, PlanCondition, PlanExit } from '../plan/plan.ts';
import type { Calendar } from '../time/calendar.ts';
import type { ResumeInput } from './resumeStopped.ts';
import type { EndReason, EnrollmentStatus, Instant, PauseCause, RecordedResponse, Run } from './state.ts';

/** EXE-5: why an action was passed over. */
export const skipReasons = ['unsubscribed', 'opt_out', 'do_not_call'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** What fresh facts say about the action that is due: the engine reads them, `transition` acts on them. */
export type Verdict =
	| { do: 'execute' }
	| { do: 'skip'; reason: SkipReason }
	| { do: 'fail'; reason: EndReason; detail: string | null };

/** Condition id -> id of the case that matched, or `else` (GRA-10). */
export type Choices = Readonly<Record<string, string>>;

export type Failure = { reason: EndReason; text: string | null };

/** What can happen to a run. */
export type RunEvent =
	/** `startAt` (ENR-8): the action that is due at once, instead of the entry. */
	| { kind: 'enroll'; startAt?: string }
	/** Begins run n + 1 from the start (REE-1), or at an action. */
	| { kind: 'restart'; startAt?: string }
	/** The next branch may be due. */
	| {
			kind: 'due';
			verdict: Verdict;
			/** GRA-10: case id or `else` of each condition on the way, decided on fresh data. */
			choices?: Choices;
	  }
	| {
			kind: 'response';
			response: RecordedResponse;
			/** With `failed` and `bounced`: what the run ends with when no branch takes it. */
			failure?: Failure;
			/** EXE-5 at hand-over: the message was not sent, the race opens as if it were. */
			skipped?: SkipReason;
	  }
	/** UNE-1..UNE-7, VER-4, DEA-2, CAD-6: every ending from outside the graph. */
	| { kind: 'unenroll'; reason: EndReason; detail: string | null }
	| { kind: 'pause'; cause: PauseCause }
	| { kind: 'resume'; cause: PauseCause }
	/** ENR-8: on to an action after the current one that was not run yet. */
	| { kind: 'skipTo'; actionId: string }
	/** VER-4: goes on in `to`; the context has the plan it was pinned to. */
	| { kind: 'move'; to: Plan; enrolledAt: Instant }
	/** REE-4: a stopped run goes on in `to`; the context has the plan it was pinned to. */
	| ({ kind: 'resumeStopped' } & ResumeInput);

/** VER-3: these come from the cadence's active version, also for runs pinned to an older one. */
export type LiveRules = Pick<DraftSettings, 'lateReply'> & {
	outcomes: DraftSettings['unenroll']['outcomes'];
};

export type TransitionContext = {
	now: Instant;
	/** The plan the run is pinned to. */
	plan: Plan;
	rules: LiveRules;
	calendar: Calendar;
	/** The record's, or the org's where the record has none. */
	timeZone: string;
};

/** What the caller must do or write, in order. Nothing here touches the outside world by itself. */
export type Effect =
	| { kind: 'enrolled' }
	/** Create the task or call, or queue the message. */
	| { kind: 'execute'; action: PlanAction }
	| { kind: 'skip'; action: PlanAction; reason: SkipReason }
	/** EXE-4: could not be executed. */
	| { kind: 'refuse'; action: PlanAction; reason: EndReason }
	| { kind: 'exit'; exit: PlanExit }
	/** GRA-10: what a condition on the way decided. */
	| { kind: 'decided'; condition: PlanCondition; choice: string }
	/** EXE-10: the message of this action was accepted: now the action counts as executed. */
	| { kind: 'handedOver'; action: PlanAction; at: Instant }
	| { kind: 'passedOver'; action: PlanAction; reason: SkipReason; at: Instant }
	| { kind: 'handOverFailed'; action: PlanAction; at: Instant }
	/** `late`: EXE-9. `implied`: said by another response (a click implies an open). */
	| { kind: 'responded'; response: RecordedResponse; late: boolean; implied: boolean }
	/** `withdraw`: UNE-4, cancel queued messages and open activities of this run. */
	| {
			kind: 'ended';
			status: Exclude<EnrollmentStatus, 'active' | 'paused'>;
			reason: EndReason;
			detail: string | null;
			withdraw: boolean;
	  }
	| { kind: 'paused'; cause: PauseCause }
	| { kind: 'unpaused'; cause: PauseCause }
	| { kind: 'skippedTo'; action: PlanAction }
	/** The run is pinned to the version it was moved to. */
	| { kind: 'moved' }
	/** As `moved`, and no longer ended. */
	| { kind: 'resumed' };

export type Transition = [run: Run, effects: Effect[]];
