import type { Plan } from '#lib/domain/plan/plan.ts';
import type { BusinessHours } from '#lib/domain/time/calendar.ts';
import { fit } from '#lib/domain/time/fit.ts';
import { isTimeZone } from '#lib/domain/time/zone.ts';
import { normalizeEmail } from '#lib/domain/crm/addresses.ts';
import type { FailReason } from './outbox.ts';

/** A queued message with what decides whether it may be handed over now (EXE-2). */
export type Candidate = {
	org_id: string;
	id: string;
	channel: 'email' | 'whatsapp';
	action_run_id: string;
	enrollment_id: string;
	run_no: number;
	action_id: string;
	cadence_id: string;
	record_id: string;
	template_id: string | null;
	sender_id: string | null;
	to_address: string;
	settings: Record<string, unknown>;
	attempt: number;
	/** Still waiting and due, looked at under the row lock. */
	queued: boolean;
	crashes: number;
	rfc_message_id: string | null;
	deferred_minutes: number | null;
	version_id: string;
	run_status: string;
	live_run_no: number;
	current_action: string | null;
	cadence_state: string;
	cadence_deleted: boolean;
	record_gone: boolean;
	record_zone: string | null;
	opted_out: boolean;
	suppressed: string | null;
	sender_status: 'active' | 'paused' | 'disabled' | null;
	sender_wait_minutes: number | null;
	account_status: 'connected' | 'paused' | null;
	org_zone: string;
	org_day: string;
	business_hours: BusinessHours;
	holidays: string[];
	mail_domain: string;
	edition: 'standard' | 'professional' | 'enterprise' | 'ultimate';
	emails_per_day: number | null;
	day_start: string;
	next_day: string;
};

export type Decision =
	| { kind: 'send' }
	/** The run went on or ended without it. */
	| { kind: 'withdraw' }
	| { kind: 'wait'; until: Date; reason: string }
	/** EXE-5: the race opens as if sent now, without a message. */
	| { kind: 'skip'; reason: string }
	| { kind: 'fail'; reason: FailReason; text: string };

const MINUTE = 60_000;

/** EXE-2, EXE-5, EXE-6, EXE-10, EXE-11: what happens to a queued message at its claim. Pure. */
export function decideClaim(row: Candidate, plan: Plan | undefined, now: number): Decision {
	const live = row.run_status === 'active' || row.run_status === 'paused';
	if (!live || row.live_run_no !== row.run_no || row.cadence_deleted || row.record_gone)
		return { kind: 'withdraw' };
	if (row.current_action !== null && row.current_action !== row.action_id) return { kind: 'withdraw' };
	const later = (minutes: number, reason: string): Decision => ({
		kind: 'wait',
		until: new Date(now + minutes * MINUTE),
		reason
	});
	if (row.cadence_state !== 'active') return later(5, 'cadence_inactive');
	if (row.run_status === 'paused') return later(5, 'paused');
	return (
		checkRecipient(row) ??
		(row.channel === 'email' ? checkSender(row, later) : checkAccount(row, later)) ??
		checkWindow(row, plan, now) ?? { kind: 'send' }
	);
}

/** EXE-5 [D]: who is opted out is skipped first, whatever is wrong with the address. */
function checkRecipient(row: Candidate): Decision | null {
	const { suppressed } = row;
	if (suppressed && suppressed !== 'bounced')
		return { kind: 'skip', reason: suppressed === 'opt_out' ? 'opt_out' : 'unsubscribed' };
	if (row.opted_out) return { kind: 'skip', reason: 'opt_out' };
	// Made anew (VER-4, REE-4) for a record that has lost what it was made for.
	if (row.to_address === '')
		return {
			kind: 'fail',
			reason: 'missing_address',
			text: `The record has no valid ${row.channel === 'email' ? 'e-mail address' : 'phone number'} any more. Enter one, then restart.`
		};
	if (row.channel === 'email' && normalizeEmail(row.to_address) !== row.to_address)
		return {
			kind: 'fail',
			reason: 'invalid_address',
			text: 'The e-mail address is not valid. Correct it, then restart.'
		};
	if (suppressed === 'bounced')
		return {
			kind: 'fail',
			reason: 'address_bounced',
			text: 'Mail to this address bounced earlier. Correct the address, then restart.'
		};
	return null;
}

type Later = (minutes: number, reason: string) => Decision;

function checkSender(row: Candidate, later: Later): Decision | null {
	if (row.sender_status === null || row.sender_status === 'disabled')
		return { kind: 'fail', reason: 'sender_gone', text: 'The sender address was removed or switched off.' };
	if (row.sender_status === 'paused' && (row.sender_wait_minutes ?? 1) > 0)
		return later(row.sender_wait_minutes ?? 60, 'sender');
	return null;
}

function checkAccount(row: Candidate, later: Later): Decision | null {
	if (row.account_status === null)
		return { kind: 'fail', reason: 'sender_gone', text: 'No WhatsApp business account is connected.' };
	return row.account_status === 'paused' ? later(15, 'account') : null;
}

function checkWindow(row: Candidate, plan: Plan | undefined, now: number): Decision | null {
	const { window, weekdays } = plan?.settings ?? { window: null, weekdays: null };
	if (!window && !weekdays) return null;
	const zone = row.record_zone && isTimeZone(row.record_zone) ? row.record_zone : row.org_zone;
	const at = fit(now, { ...(window ? { window } : {}), ...(weekdays ? { weekdays } : {}) }, zone, {
		orgTimeZone: row.org_zone,
		businessHours: row.business_hours,
		holidays: new Set(row.holidays)
	});
	if (at === null || at <= now) return null;
	return { kind: 'wait', until: new Date(at), reason: 'window' };
}
