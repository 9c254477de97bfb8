import { storableText } from '../storableText.ts';

/**
 * What an answer of the relay means (EXE-11, CHANNELS.md 1 and 3). Decided from codes, never from prose, and never
 * against the recipient when the sender, the policy or the relay is to blame.
 */
export type SmtpFailure = {
	/** nodemailer's code: EAUTH, ETLS, EENVELOPE, ECONNECTION, ... */
	code?: string | undefined;
	responseCode?: number | undefined;
	/** The server's whole reply. */
	response?: string | undefined;
	command?: string | undefined;
	message: string;
};

/** How far the dialogue was: bytes of the message may have left only in `data`. */
export type SmtpPhase = 'connect' | 'envelope' | 'data';

export type FailureKind =
	/** The address is wrong: hard, suppress it. */
	| 'recipientHard'
	/** The mailbox is full or the like: bounced, but the address stays good. */
	| 'recipientSoft'
	/** This one message is refused: too large, malformed, unwanted content. */
	| 'message'
	/** Sender, policy or relay: pause the sender, fail nobody. */
	| 'sender'
	/** Try again by the schedule. */
	| 'retry'
	/** The truth is unknowable (RFC 5321 4.5.3.2.6). */
	| 'doubtful';

const enhancedOf = (response: string): string | null =>
	/^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? null;

const hardStatuses = new Set(['5.1.0', '5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '5.4.4']);

/** From an enhanced status (RFC 3463) of a permanent failure; null when it says nothing certain. */
export function classifyStatus(status: string): FailureKind | null {
	const [major, subject, detail] = status.split('.');
	if (major === '4') return 'retry';
	if (major !== '5') return null;
	if (hardStatuses.has(status)) return 'recipientHard';
	if (subject === '1' && (detail === '7' || detail === '8')) return 'sender';
	if (subject === '1') return 'recipientHard';
	if (status === '5.3.4' || status === '5.2.3') return 'message';
	if (subject === '2') return 'recipientSoft';
	if (subject === '6') return 'message';
	if (subject === '7') return 'sender';
	if (subject === '3' || subject === '5') return 'sender';
	return null;
}

const transportCodes = new Set(['EAUTH', 'ETLS', 'EREQUIRETLS', 'ENOAUTH', 'EOAUTH2']);

/** Exactly one kind for whatever went wrong. */
export function classifyFailure(failure: SmtpFailure, phase: SmtpPhase): FailureKind {
	const response = failure.response ?? '';
	const code = failure.responseCode ?? Number(/^(\d{3})/.exec(response)?.[1] ?? 0);
	if (!code) {
		if (phase === 'data') return 'doubtful';
		// The relay announced a size limit that this message exceeds.
		if (failure.code === 'EMESSAGE') return 'message';
		return failure.code && transportCodes.has(failure.code) ? 'sender' : 'retry';
	}
	if (code < 500) return failure.code === 'EAUTH' && code !== 454 ? 'sender' : 'retry';
	if (failure.code === 'EAUTH' || failure.code === 'ETLS' || phase === 'connect') return 'sender';
	const status = enhancedOf(response);
	const known = status ? classifyStatus(status) : null;
	if (known && known !== 'retry') return known;
	if (phase === 'data') return 'message';
	if (failure.command === 'MAIL FROM') return code === 552 ? 'message' : 'sender';
	if (failure.command === 'DATA') return 'message';
	if (code === 552) return 'recipientSoft';
	if (code === 554) return 'message';
	return code === 550 || code === 551 || code === 553 || code === 556 ? 'recipientHard' : 'sender';
}

/** One line for people: codes stay, a long banner goes (nothing of the relay's host leaks beyond it). */
export const describeFailure = (failure: SmtpFailure): string =>
	storableText(failure.response || failure.message);

/** Minutes until the next attempt after `attempt` failed ones: 1 m, 5 m, 15 m, 1 h, 4 h, then every 4 h, each +-20 %. */
export function retryDelayMinutes(attempt: number, random: () => number = Math.random): number {
	const steps = [1, 5, 15, 60, 240];
	const base = steps[Math.min(Math.max(attempt, 1), steps.length) - 1]!;
	return base * (0.8 + 0.4 * random());
}
