import type { PlanAction, PlanExit } from '../../src/lib/domain/plan/plan.ts';
import { enrollElsewhere } from './elsewhere.ts';
import { canFindOwner, changeOf, findOwner } from './extras.ts';
import { follow } from './conditions.ts';
import { isLive, logEvent, zoneOf, type Arrival, type Life, type ModelRun, type Race } from './life.ts';
import { comingBack, leavingStatus, names, viewSource } from './plans.ts';
import {
	actionOf,
	hasFuture,
	isMessage,
	nextOf,
	open,
	openingOf,
	take,
	takers,
	waitsForHandOver
} from './race.ts';
import { dateOf, dueOn, endOf } from './time.ts';

const completed = ['completed', 'no_branch_left', 'exit_goal'];
const failed = [
	'missing_address',
	'invalid_address',
	'address_bounced',
	'template_gone',
	'owner_inactive',
	'provider_refused',
	'activity_deleted',
	'sender_gone',
	'field_gone',
	'value_refused',
	'webhook_refused'
];
const statusOf = (reason: string) =>
	completed.includes(reason) ? 'completed' : failed.includes(reason) ? 'failed' : 'stopped';

/** UNE-4, UNE-8, EXE-3, EXE-4: the end of a run. */
export function end(life: Life, run: ModelRun, reason: string, now: number): void {
	if (!isLive(run)) return;
	run.status = statusOf(reason);
	run.reason = reason;
	run.endedAt = now;
	run.pausedBy.clear();
	logEvent(life, run.no, run.status === 'stopped' ? 'unenrolled' : run.status, now, { detail: reason });
	// Reaching the end and failing keep what was begun; un-enrollment and exits take it back.
	if (run.status !== 'stopped' && reason !== 'exit_goal') return;
	for (const message of life.messages)
		if (message.runNo === run.no && message.status === 'queued') message.status = 'cancelled';
	for (const activity of life.activities)
		if (activity.runNo === run.no && activity.state === 'open') activity.state = 'withdrawn';
}

/** UNE-1 (a) (b) (c), UNE-7: why the record must leave now. */
export function leaveReason(life: Life): string | null {
	if (life.gone) return life.gone === 'deleted' ? 'record_deleted' : life.gone;
	const { unenroll } = life.plan.settings;
	if (dateHasCome(life)) return 'date';
	if (unenroll.criteria && life.facts.status === leavingStatus) return 'criteria';
	if (unenroll.leavesView && life.enrollment === 'view' && life.facts.source !== viewSource)
		return 'left_view';
	return null;
}

/** ENR-3, ENR-4, GRA-1. */
export function enroll(life: Life, source: string, now: number, startAt: string | null = null): void {
	if (life.run || life.cadence !== 'active' || leaveReason(life)) return;
	begin(life, 1, source, now, startAt);
}

function begin(life: Life, no: number, source: string, now: number, startAt: string | null): void {
	life.run = {
		no,
		plan: life.plan,
		status: 'active',
		pausedBy: new Set(),
		enrolledAt: now,
		sentTo: startAt,
		sentDue: now,
		pausedUntil: null,
		entryDue: endOf(now, life.plan.entry.delay, zoneOf(life), life.office),
		race: null,
		frozen: null,
		done: [],
		reason: null,
		endedAt: null
	};
	logEvent(life, no, 'enrolled', now, { detail: source });
}

/** REE-1: every end but the final ones, while the cadence is active. */
export function restart(life: Life, now: number, startAt: string | null): void {
	const { run } = life;
	if (!run || life.cadence !== 'active' || leaveReason(life)) return;
	if (run.endedAt !== null) begin(life, run.no + 1, 'restart', now, startAt);
}

/** EXE-3. */
export function settle(life: Life, run: ModelRun, now: number): void {
	const { race } = run;
	if (!race || !isLive(run) || waitsForHandOver(race)) return;
	if (!actionOf(run, race.actionId).branches.length) end(life, run, 'completed', now);
	else if (!hasFuture(run, race)) end(life, run, 'no_branch_left', now);
}

type Verdict = { skip: string } | { fail: string } | null;

const mailTo = /^\S+@\S+\.\S+$/;

const isUsable = (kind: 'email' | 'call' | 'whatsapp', to: string): boolean =>
	kind === 'email'
		? to === 'ok' || mailTo.test(to)
		: kind === 'whatsapp'
			? to.startsWith('+')
			: to.replace(/\D/g, '').length >= 4;

const hasSender = ({ facts }: Life, kind: 'email' | 'whatsapp'): boolean =>
	kind !== 'email' || facts.owner === names.owner;

/** VER-4, REE-4: from the settings of the plan its run goes on in, to the address as it is now. */
export function makeAnew(life: Life, run: ModelRun): void {
	for (const message of life.messages) {
		const { channel } = message;
		if (message.status !== 'queued' || message.runNo !== run.no || message.actionId !== run.race?.actionId)
			continue;
		if (channel === 'webhook') continue;
		const to = channel === 'email' ? life.facts.email : life.facts.phone;
		message.lacks = !isUsable(channel, to)
			? 'missing_address'
			: hasSender(life, channel)
				? null
				: 'sender_gone';
	}
}

/** EXE-4, EXE-5, EXE-11, GRA-8. */
function judge(life: Life, action: PlanAction): Verdict {
	const { facts, suppressed } = life;
	if (action.kind === 'webhook' || action.kind === 'tags' || action.kind === 'enroll') return null;
	if (action.kind === 'updateField') {
		if (action.config.field === 'nothing') return { fail: 'field_gone' };
		return action.config.value === 'Boiling' ? { fail: 'value_refused' } : null;
	}
	if (action.kind === 'email' || action.kind === 'call' || action.kind === 'whatsapp') {
		if (facts.optOut[action.kind]) return { skip: action.kind === 'call' ? 'do_not_call' : 'opt_out' };
		const to = action.kind === 'email' ? facts.email : facts.phone;
		if (!to) return { fail: 'missing_address' };
		if (!isUsable(action.kind, to)) return { fail: 'invalid_address' };
	}
	if (isMessage(action)) {
		const block = suppressed.get(action.kind);
		if (block === 'bounced' && action.kind === 'email') return { fail: 'address_bounced' };
		if (block) return { skip: 'unsubscribed' };
		if (action.config.templateId === names.goneTemplate) return { fail: 'template_gone' };
		// Nobody else has an address to send from.
		return hasSender(life, action.kind) ? null : { fail: 'sender_gone' };
	}
	return canFindOwner(life, action.config.owner) ? null : { fail: 'owner_inactive' };
}

/** EXE-1: everything that is due now, one action after the other; `beside` is called before each. */
export function advance(life: Life, now: number, beside: () => void): void {
	for (;;) {
		beside();
		const { run } = life;
		// GRA-7: what was received comes before what is due.
		if (run?.status !== 'active' || life.cadence !== 'active' || life.inbox.length) return;
		const next = nextOf(run);
		if (!next || next.due > now) return;
		const leave = leaveReason(life);
		if (leave) end(life, run, leave, now);
		else if (next.target === null) end(life, run, 'no_response', now);
		else goTo(life, run, next.target, now);
	}
}

/** GRA-10: through conditions, on the record as it is; a case that leads nowhere is the end. */
function goTo(life: Life, run: ModelRun, id: string, now: number): void {
	const { target, decided } = follow(run.plan, id, life.facts);
	for (const one of decided) logEvent(life, run.no, 'decided', now, { action: one.id, detail: one.choice });
	if (target === null) end(life, run, 'completed', now);
	else arrive(life, run, run.plan.nodes[target] as PlanAction | PlanExit, now);
}

function arrive(life: Life, run: ModelRun, node: PlanAction | PlanExit, now: number): void {
	if (node.kind === 'exit') return end(life, run, node.goal ? 'exit_goal' : 'exit', now);
	// VER-4: only a version it was moved to can lead back to what it did.
	if (run.done.includes(node.id)) return end(life, run, 'no_branch_left', now);
	const verdict = judge(life, node);
	run.entryDue = null;
	run.sentTo = null;
	const race: Race = {
		actionId: node.id,
		openedAt: null,
		skipped: false,
		came: new Map(),
		timers: new Map(),
		noEndBefore: 0,
		held: null
	};
	run.race = race;
	if (verdict && 'fail' in verdict) return end(life, run, verdict.fail, now);
	run.done.push(node.id);
	if (verdict) {
		race.skipped = true;
		logEvent(life, run.no, 'skipped', now, { action: node.id, detail: verdict.skip });
		open(life, run, race, now);
	} else {
		if (isMessage(node) || node.kind === 'webhook') {
			const { kind: channel } = node;
			life.messages.push({
				runNo: run.no,
				actionId: node.id,
				channel,
				status: 'queued',
				notBefore: now,
				wait: null,
				sentAt: null,
				lacks: null
			});
		} else if (node.kind === 'task' || node.kind === 'call') createActivity(life, run, race, node, now);
		else changeRecord(life, run, race, node, now);
		if (node.kind in comingBack) life.reached.unshift({ runNo: run.no, actionId: node.id });
	}
	settle(life, run, now);
}

/** GRA-8: executed in the pass itself. */
function changeRecord(life: Life, run: ModelRun, race: Race, action: PlanAction, now: number): void {
	const before = JSON.stringify(life.facts);
	const outcome = action.kind === 'enroll' ? enrollElsewhere(life, action.config.cadenceId!, now) : null;
	if (action.kind === 'changeOwner')
		life.facts = { ...life.facts, owner: findOwner(life, action.id, action.config.owner) };
	else if (!outcome) life.facts = { ...life.facts, ...changeOf(action, life.facts) };
	if (JSON.stringify(life.facts) !== before) life.changed = true;
	logEvent(life, run.no, 'executed', now, { action: action.id });
	logEvent(life, run.no, 'done', now, { action: action.id, detail: outcome });
	open(life, run, race, now);
}

function createActivity(life: Life, run: ModelRun, race: Race, action: PlanAction, now: number): void {
	if (action.kind !== 'task' && action.kind !== 'call') throw new Error(action.kind);
	const rule = action.kind === 'task' ? action.config.due : action.config.start;
	life.activities.push({
		runNo: run.no,
		actionId: action.id,
		kind: action.kind,
		state: 'open',
		owner: findOwner(life, action.id, action.config.owner),
		value: null,
		due: dueOn(now, rule, zoneOf(life), life.office)
	});
	logEvent(life, run.no, 'executed', now, { action: action.id });
	open(life, run, race, now);
}

/** GRA-7, EXE-9: everything received, in order. */
export function applyInbox(life: Life, now: number): void {
	for (const arrival of life.inbox.splice(0)) apply(life, arrival, now);
}

const eventNames: Record<string, string> = { failed: 'messageFailed' };

/** EXE-9: whether the race was decided, or the run over, when it came. */
function isLate(life: Life, { runNo, actionId, at }: Arrival): boolean {
	const { run } = life;
	if (!isLive(run) || run.no !== runNo || run.race?.actionId !== actionId || run.sentTo !== null) return true;
	const next = nextOf(run);
	return next !== null && next.due < at;
}

function apply(life: Life, arrival: Arrival, now: number): void {
	const { runNo, actionId, kind, parameter, at, machine } = arrival;
	const run = life.run!;
	const late = isLate(life, arrival);
	if (arrival.skipped) return passOver(life, arrival, arrival.skipped, late, now);
	const action = run.plan.nodes[actionId] as PlanAction | undefined;
	if ((kind === 'sent' || kind === 'done') && action) handedOver(life, arrival);
	// EXE-4: that a person deleted it is nothing that came back.
	if (arrival.reason !== 'activity_deleted')
		logEvent(life, runNo, eventNames[kind] ?? kind, at, {
			action: actionId,
			detail: parameter ?? null,
			late,
			machine: machine ?? false
		});
	if (machine || !action) return;
	for (const implied of impliedBy(action, kind)) {
		// Said once, whether by itself or by another.
		const said = life.log.some(
			(line) => line.startsWith(`${runNo} ${implied} ${actionId} `) && !line.includes(' machine ')
		);
		if (!said) logEvent(life, runNo, implied, at, { action: actionId, late });
	}
	if (runNo !== run.no || !isLive(run)) return;
	if (matchesRule(life, action, arrival)) return end(life, run, 'response_rule', now);
	if (late) {
		if (kind === 'replied' && life.plan.settings.lateReply === 'unenroll') end(life, run, 'late_reply', now);
		return;
	}
	const race = run.race!;
	const failure = failureOf(action, race, arrival);
	if (failure) return end(life, run, failure, now);
	for (const implied of impliedBy(action, kind)) {
		if (race.came.has(implied)) continue;
		take(life, run, race, { kind: implied }, at);
	}
	if (kind !== openingOf(action)) take(life, run, race, { kind, parameter }, at);
	else if (race.openedAt === null) open(life, run, race, at);
	settle(life, run, now);
}

/** EXE-10. */
function handedOver(life: Life, { runNo, actionId, at }: Arrival): void {
	const key = `${runNo}/${actionId}`;
	if (life.executed.has(key)) return;
	life.executed.add(key);
	logEvent(life, runNo, 'executed', at, { action: actionId });
}

/** EXE-5 at hand-over. */
function passOver(
	life: Life,
	{ runNo, actionId, at }: Arrival,
	reason: string,
	late: boolean,
	now: number
): void {
	logEvent(life, runNo, 'skipped', at, { action: actionId, detail: reason });
	const run = life.run!;
	if (late || !run.race || run.race.openedAt !== null) return;
	run.race.skipped = true;
	open(life, run, run.race, at);
	settle(life, run, now);
}

/** UNE-1 (d): by itself, or by what it implies. */
const matchesRule = (life: Life, action: PlanAction, { kind, parameter }: Arrival): boolean =>
	life.plan.settings.unenroll.outcomes.some(
		(rule) =>
			rule.channel === action.kind &&
			(rule.actionId === null || rule.actionId === action.id) &&
			rule.responses.some((one) =>
				one.response === kind
					? one.parameter === undefined || one.parameter === parameter
					: impliedBy(action, kind).includes(one.response)
			)
	);

/** EXE-7, GRA-6: a click or reply is an open; a reply was read, what was read was delivered. */
function impliedBy(action: PlanAction, kind: string): string[] {
	if (action.kind === 'email') return kind === 'clicked' || kind === 'replied' ? ['opened'] : [];
	if (action.kind !== 'whatsapp') return [];
	return kind === 'replied' ? ['delivered', 'read'] : kind === 'read' ? ['delivered'] : [];
}

/** EXE-4, EXE-11: a refusal without a branch of its own. */
function failureOf(action: PlanAction, race: Race, arrival: Arrival): string | null {
	if (takers(action, arrival.kind, arrival.parameter).length) return null;
	if (arrival.kind === 'failed') return arrival.reason ?? 'provider_refused';
	if (arrival.kind !== 'bounced') return null;
	if (arrival.parameter === 'hard') return 'address_bounced';
	return race.openedAt === null ? 'provider_refused' : null;
}

/** UNE-1 (b), ENR-8: what time alone brings about. */
export function scanForDate(life: Life, now: number): void {
	const reason = dateHasCome(life) ? leaveReason(life) : null;
	if (reason && isLive(life.run)) end(life, life.run, reason, now);
}

export const dateHasCome = ({ plan, office, now }: Life): boolean => {
	const { onDate } = plan.settings.unenroll;
	return onDate !== null && onDate <= dateOf(now, office.zone);
};

/** UNE-1 (a) (c), ENR-2: a changed record is looked at. */
export function lookAtChanges(life: Life, now: number): void {
	if (!life.changed) return;
	life.changed = false;
	const reason = leaveReason(life);
	if (reason && isLive(life.run)) end(life, life.run, reason, now);
	const inView = life.facts.source === viewSource && life.gone !== 'deleted' && life.gone !== 'merged';
	if (!inView) life.leftOut = false;
	if (life.enrollment === 'view' && inView && !life.leftOut) enroll(life, 'view', now);
}
