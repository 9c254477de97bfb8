import type { MessageStatus } from '../db/schema/channels.ts';

/** What a claim hands out: the row as claimed, with everything the hand-over needs to know about its run. */
export type ClaimedMessage = {
	orgId: string;
	id: string;
	channel: 'email' | 'whatsapp';
	actionRunId: string;
	enrollmentId: string;
	runNo: number;
	actionId: string;
	cadenceId: string;
	recordId: string;
	versionId: string;
	templateId: string | null;
	senderId: string | null;
	/** Its sender was on hold: a success ends the pause (EXE-11). */
	senderPaused: boolean;
	toAddress: string;
	settings: Record<string, unknown>;
	/** Fence: every update names claim and attempt. */
	claim: string;
	attempt: number;
	rfcMessageId: string;
	quotaDay: string | null;
	/** Minutes since the relay first deferred it; null when it never did. */
	deferredMinutes: number | null;
};

/** RELIABILITY.md 2.2: how long a process may hold a message before another may act. */
export const claimLeaseSeconds = 120;
/** Longer than the wait for the final answer (RFC 5321: 10 minutes). */
export const sendingLeaseSeconds = 720;
/** EXE-11: 4xx for 48 hours is a soft bounce. */
export const giveUpAfterMinutes = 48 * 60;
/** Processes that may die over one message before it is set aside. */
export const maxCrashes = 5;

/** What became of a hand-over; `settleMessages` writes it. */
export type Settlement = {
	message: Pick<
		ClaimedMessage,
		| 'orgId'
		| 'id'
		| 'claim'
		| 'attempt'
		| 'enrollmentId'
		| 'runNo'
		| 'actionId'
		| 'recordId'
		| 'toAddress'
		| 'senderId'
		| 'senderPaused'
	>;
	from: Extract<MessageStatus, 'claimed' | 'sending'>;
} & (
	| { kind: 'sent'; providerId: string | null }
	/** The outcome is unknowable: counts as sent at the attempt and is listed (EXE-10). */
	| { kind: 'doubtful'; text: string }
	/** Back into the queue. `deferred`: the relay's fault, counts towards the 48 hours. No `code`: it was not tried. */
	| {
			kind: 'queued';
			afterMinutes: number;
			waitReason: string;
			text: string;
			code: string;
			deferred: boolean;
			senderPause?: boolean;
	  }
	/** EXE-11. */
	| { kind: 'bounced'; hard: boolean; code: string; text: string }
	/** EXE-4: nothing will make this message go out. */
	| { kind: 'failed'; reason: FailReason; code: string; text: string }
);

export type FailReason =
	| 'invalid_address'
	| 'missing_address'
	| 'address_bounced'
	| 'template_gone'
	| 'sender_gone'
	| 'provider_refused';
