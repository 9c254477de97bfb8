import type { ResponseRef } from '../cadence/responses.ts';

/** Instants in the core are epoch milliseconds (UTC); the edges speak ISO / timestamptz. */
export type Instant = number;

/** ENR-7. */
export const enrollmentStatuses = ['active', 'paused', 'completed', 'stopped', 'failed'] as const;
export type EnrollmentStatus = (typeof enrollmentStatuses)[number];
export const isLive = (status: EnrollmentStatus): boolean => status === 'active' || status === 'paused';

/** ENR-7: several may hold; active when none is left. */
export const pauseCauses = ['person', 'cadence_inactive', 'out_of_office'] as const;
export type PauseCause = (typeof pauseCauses)[number];

/** Why a run ended (UNE-8, REE-1, EXE-3, EXE-4). */
export const endReasons = [
	// completed
	'completed',
	'no_branch_left',
	'exit_goal',
	// stopped
	'manual',
	'left_view',
	'date',
	'criteria',
	'response_rule',
	'late_reply',
	'exit',
	'follow_up_edited',
	'deactivated',
	'converted',
	'merged',
	'record_deleted',
	'cadence_deleted',
	'no_response',
	// failed
	'missing_address',
	'invalid_address',
	'address_bounced',
	'template_gone',
	'sender_gone',
	'owner_inactive',
	'provider_refused',
	'activity_deleted',
	/** GRA-8: a field of an update or a condition is gone. */
	'field_gone',
	/** GRA-8: the record cannot take the value. */
	'value_refused',
	'webhook_refused'
] as const;
export type EndReason = (typeof endReasons)[number];

/**
 * GRA-7: the race of the current action. `responses` keeps the first time of each response key
 * (`replied`, `clicked/2`, `result/Busy`); `timed` the due time of each branch that can still win.
 */
export type Race = {
	actionId: string;
	/** Executed (task, call) or handed over / skipped (e-mail, WhatsApp); null while a message waits in the outbox. */
	openedAt: Instant | null;
	/** The action was skipped (EXE-5): no message exists. */
	skipped: boolean;
	responses: Record<string, Instant>;
	timed: Record<string, Instant>;
	/** ENR-9: while paused, since when: what was received before has begun its delay then, whenever it is applied. */
	pausedAt?: Instant;
	/** ENR-9: its last pause, for what was received before or in it and is applied only after it. */
	heldFrom?: Instant;
	heldUntil?: Instant;
};

export type FrozenDelay = {
	remaining: number;
	business: boolean;
	full?: true;
	/** REE-4: of a run that stopped before its first action: when it would have been due; `remaining` says nothing. */
	until?: Instant;
	/** Of a run that is paused before its first action: since when. */
	since?: Instant;
};

/** The part of an enrollment that `transition` reads and writes; stored in the enrollments row. */
export type Run = {
	runNo: number;
	status: EnrollmentStatus;
	pauseCauses: PauseCause[];
	/** null until the entry branch executed. */
	race: Race | null;
	/** The branch that will execute next, and when; null while only responses can move it. */
	next: { branchId: string; dueAt: Instant } | null;
	/** Actions executed or skipped in this run, in order (EXE-1). */
	done: string[];
	endedAt: Instant | null;
	endReason: EndReason | null;
	/** Free words: the exit's label, the rule, the person's reason. */
	endDetail: string | null;
	/**
	 * ENR-9: remaining delay per timed branch, in ms or business ms, while paused. `full`: its response came during
	 * the pause, so that the whole delay starts at resume.
	 */
	frozen: Record<string, FrozenDelay> | null;
};

export type RecordedResponse = ResponseRef & {
	actionId: string;
	at: Instant;
	/** EXE-7: machine opens and clicks are recorded but fire and cancel nothing. */
	machine?: boolean;
};
