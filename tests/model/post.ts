import { end, leaveReason } from './interpreter.ts';
import { isLive, zoneOf, type Life, type ModelMessage } from './life.ts';
import { allow } from './time.ts';

const minute = 60_000;

const mayGo = (message: ModelMessage, now: number) => message.status === 'queued' && message.notBefore <= now;
export const hasPost = (life: Life, now: number): boolean =>
	life.messages.some((message) => mayGo(message, now));

/** EXE-2, EXE-5, EXE-6, EXE-10: the queue's turn: every message that may go now is handed over. */
export function handOver(life: Life, now: number): void {
	life.now = now;
	const waiting = life.messages.filter((one) => mayGo(one, now));
	if (!waiting.length) return;
	const reason = leaveReason(life);
	if (reason && isLive(life.run)) end(life, life.run, reason, now);
	for (const message of waiting) if (message.status === 'queued') handOverOne(life, message, now);
}

function handOverOne(life: Life, message: ModelMessage, now: number): void {
	const { run } = life;
	const { runNo, actionId, channel } = message;
	if (!isLive(run) || run.no !== runNo || run.race?.actionId !== actionId) {
		message.status = 'cancelled';
		return;
	}
	const putOff = (until: number, wait: string) => Object.assign(message, { notBefore: until, wait });
	if (life.cadence !== 'active') return void putOff(now + 5 * minute, 'cadence_inactive');
	if (run.status === 'paused') return void putOff(now + 5 * minute, 'paused');
	const answer = { runNo, actionId, at: now };
	const skip = (skipped: string) => {
		message.status = 'cancelled';
		life.inbox.push({ ...answer, kind: 'sent', skipped });
	};
	if (channel === 'webhook') return call(life, message, now);
	const fail = (why: string) => {
		message.status = 'failed';
		life.inbox.push({ ...answer, kind: 'failed', reason: why });
	};
	// Nobody knows anything of an address that there is not.
	const block = message.lacks === 'missing_address' ? undefined : life.suppressed.get(channel);
	if (block === 'unsubscribed') return skip('unsubscribed');
	if (life.facts.optOut[channel]) return skip('opt_out');
	if (message.lacks === 'missing_address') return fail('missing_address');
	if (block === 'bounced') return fail('address_bounced');
	if (message.lacks) return fail(message.lacks);
	const { window, weekdays } = run.plan.settings;
	const wait = { amount: 0, unit: 'minutes', ...(window && { window }), ...(weekdays && { weekdays }) };
	// The sending window knows no holidays.
	const at = allow(now, wait, zoneOf(life), { ...life.office, holidays: [] });
	if (at > now) return void putOff(at, 'window');
	relay(life, message, now);
}

/** GRA-6, GRA-8: the receiver takes it, refuses it, or is asked again later. */
function call(life: Life, message: ModelMessage, now: number): void {
	const { runNo, actionId } = message;
	const said = life.relay[life.relayed++ % life.relay.length]!;
	if (said === 'doubtful') {
		Object.assign(message, { notBefore: now + 5 * minute, wait: 'receiver' });
		return;
	}
	const answer = { runNo, actionId, at: now };
	message.wait = null;
	if (said === 'sent') Object.assign(message, { status: 'sent', sentAt: now });
	else message.status = 'failed';
	life.inbox.push(
		said === 'sent' ? { ...answer, kind: 'done' } : { ...answer, kind: 'failed', reason: 'webhook_refused' }
	);
}

/** What the relay says; the journey knows it beforehand. */
function relay(life: Life, message: ModelMessage, now: number): void {
	const { runNo, actionId, channel } = message;
	const said = life.relay[life.relayed++ % life.relay.length]!;
	const answer = { runNo, actionId, at: now };
	message.wait = null;
	if (said === 'sent' || said === 'doubtful') {
		message.status = said === 'sent' ? 'sent' : 'unknown';
		message.sentAt = now;
		life.inbox.push({ ...answer, kind: 'sent' });
	} else if (said === 'failed' || channel === 'whatsapp') {
		message.status = 'failed';
		life.inbox.push({ ...answer, kind: 'failed', reason: 'provider_refused' });
	} else {
		message.status = 'failed';
		if (said === 'hard' && !life.suppressed.has('email')) life.suppressed.set('email', 'bounced');
		life.inbox.push({ ...answer, kind: 'bounced', parameter: said });
	}
}

/** ENR-9, DEA-1: a pause holds the queue. */
export function hold(life: Life, wait: string): void {
	for (const message of life.messages)
		if (message.status === 'queued' && message.channel !== 'webhook') message.wait = wait;
}

export function free(life: Life, now: number): void {
	for (const message of life.messages)
		if (message.status === 'queued' && (message.wait === 'paused' || message.wait === 'cadence_inactive'))
			Object.assign(message, { notBefore: now, wait: null });
}
