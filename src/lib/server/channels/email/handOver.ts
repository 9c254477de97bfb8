import { failpoint } from '../../failpoint.ts';
import { getLog } from '../../log.ts';
import type { SendingMark, SendingMarks } from '../markSending.ts';
import { giveUpAfterMinutes, type ClaimedMessage, type Settlement } from '../outbox.ts';
import {
	classifyFailure,
	describeFailure,
	retryDelayMinutes,
	type SmtpFailure,
	type SmtpPhase
} from './classify.ts';
import type { ComposedMail } from './composeMessage.ts';
import { SmtpOpenError, type DeliveryResult } from './smtpSession.ts';
import type { SmtpPool } from './smtpPool.ts';

export type ReadyMail = ComposedMail & { mark: SendingMark };

/** Hands one mail to the relay; null = the claim was lost and nobody was told anything. Holds no database connection. */
export async function handOver(
	message: ClaimedMessage,
	mail: ReadyMail,
	pool: SmtpPool,
	marks: SendingMarks
): Promise<Settlement | null> {
	let begun = false;
	let uncertain = false;
	const marking: Promise<boolean>[] = [];
	const mark = async () => {
		try {
			failpoint('mail.354');
			begun = await marks.add(mail.mark);
			failpoint('mail.marked');
			return begun;
		} catch (error) {
			uncertain = true;
			throw error;
		}
	};
	const result = await attempt(mail, pool, () => {
		marking.push(mark());
		return marking[0]!;
	});
	if (result.ok) {
		failpoint('mail.250');
		return { message, from: 'sending', kind: 'sent', providerId: result.providerId };
	}
	// The line may go while the mark is on its way: a row that is marked after all must not stay behind as sent.
	await Promise.allSettled(marking);
	if (uncertain) return notSent(message, 'The database did not answer in time; nothing was sent.');
	if (result.claimLost) return begun ? notSent(message, 'The relay closed the connection.') : null;
	return failureSettlement(message, begun ? 'sending' : 'claimed', result.phase, result.failure);
}

/** The mark may have landed although its answer did not; no byte left, so the message goes back if it did. */
const notSent = (message: ClaimedMessage, text: string): Settlement => ({
	message,
	from: 'sending',
	kind: 'queued',
	afterMinutes: 1,
	waitReason: 'relay',
	code: 'notSent',
	text,
	deferred: false
});

async function attempt(
	mail: ComposedMail,
	pool: SmtpPool,
	begin: () => Promise<boolean>
): Promise<DeliveryResult> {
	try {
		const session = await pool.take();
		const result = await session.deliver({ from: mail.from, to: mail.to, raw: mail.raw, begin });
		pool.give(session);
		return result;
	} catch (error) {
		if (error instanceof SmtpOpenError) return { ok: false, phase: 'connect', failure: error.failure };
		getLog().error({ error }, 'hand-over threw');
		return {
			ok: false,
			phase: 'envelope',
			failure: { message: error instanceof Error ? error.message : 'unknown' }
		};
	}
}

/** EXE-11 and RELIABILITY.md 2.6: what each kind of failure means for message, address and sender. */
export function failureSettlement(
	message: ClaimedMessage,
	from: 'claimed' | 'sending',
	phase: SmtpPhase,
	failure: SmtpFailure
): Settlement {
	const text = describeFailure(failure);
	const code = String(failure.responseCode ?? failure.code ?? 'transport');
	const kind = classifyFailure(failure, phase);
	switch (kind) {
		case 'doubtful':
			return { message, from, kind: 'doubtful', text };
		case 'recipientHard':
		case 'recipientSoft':
			return { message, from, kind: 'bounced', hard: kind === 'recipientHard', code, text };
		case 'message':
			return { message, from, kind: 'failed', reason: 'provider_refused', code, text };
		case 'sender':
			return {
				message,
				from,
				kind: 'queued',
				afterMinutes: 1,
				waitReason: 'sender',
				code,
				text,
				deferred: false,
				senderPause: true
			};
		case 'retry':
			// EXE-11: two days of refusals are a soft bounce.
			if ((message.deferredMinutes ?? 0) >= giveUpAfterMinutes)
				return { message, from, kind: 'bounced', hard: false, code, text };
			return {
				message,
				from,
				kind: 'queued',
				afterMinutes: retryDelayMinutes(message.attempt),
				waitReason: 'relay',
				code,
				text,
				deferred: true
			};
	}
}
