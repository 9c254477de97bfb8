import { assertNever } from '#lib/domain/errors.ts';
import type { PlanAction } from '#lib/domain/plan/plan.ts';
import type { Verdict } from '#lib/domain/enrollment/runEvent.ts';
import { storable } from '../channels/storableText.ts';
import { orgKey, type ChannelFacts } from './channelFacts.ts';
import type { DueRun } from './dueRow.ts';
import type { PreparedExtra } from './extraWork.ts';
import { ownerRuleOf } from './ownerRule.ts';
import { templateOf } from './variant.ts';

/** What an executed action needs to be written. */
export type Prepared = {
	verdict: Verdict;
	/** Owner of the task or call, or who reviews the e-mail. */
	ownerId: string | null;
	senderId: string | null;
	address: string | null;
	/** What an action beyond the four channels does. */
	extra?: PreparedExtra;
};

const nothing = { ownerId: null, senderId: null, address: null };
export const failed = (reason: Extract<Verdict, { do: 'fail' }>['reason'], detail: string): Prepared => ({
	...nothing,
	verdict: { do: 'fail', reason, detail }
});
const skip = (reason: Extract<Verdict, { do: 'skip' }>['reason']): Prepared => ({
	...nothing,
	verdict: { do: 'skip', reason }
});

/** EXE-4, EXE-5, EXE-11, GRA-8: whether the due action runs, is skipped or fails, from facts read in this transaction. */
export function prepareAction(due: DueRun, facts: ChannelFacts, reviewSubject = ''): Prepared {
	const { target } = due;
	if (!target || target.kind === 'exit') return { ...nothing, verdict: { do: 'execute' } };
	switch (target.kind) {
		case 'task':
			return withOwner(due, target, facts, null);
		case 'call':
			return checkAddress(due, target, facts) ?? withOwner(due, target, facts, addressOf(due, facts));
		case 'email':
			return checkAddress(due, target, facts) ?? withSender(due, target, facts, reviewSubject);
		case 'whatsapp':
			return checkAddress(due, target, facts) ?? checkTemplate(due, target, facts) ?? ready(due, facts);
		case 'webhook':
			return { ...nothing, verdict: { do: 'execute' } };
		case 'updateField':
		case 'tags':
		case 'changeOwner':
		case 'enroll':
			// Run out of the way of a run that did it before (VER-4): `prepareExtras` has answered for all others.
			return { ...nothing, verdict: { do: 'execute' } };
		default:
			return assertNever(target);
	}
}

const addressOf = (due: DueRun, facts: ChannelFacts) => facts.recipients.get(due)?.address ?? null;
const ready = (due: DueRun, facts: ChannelFacts): Prepared => ({
	...nothing,
	verdict: { do: 'execute' },
	address: addressOf(due, facts)
});

/** Opted out comes first: such a person is skipped, whatever is wrong with the address (EXE-5). */
function checkAddress(due: DueRun, action: PlanAction, facts: ChannelFacts): Prepared | null {
	const recipient = facts.recipients.get(due);
	const isCall = action.kind === 'call';
	if (recipient?.optedOut) return skip(isCall ? 'do_not_call' : 'opt_out');
	const noun = action.kind === 'email' ? 'e-mail address' : 'phone number';
	if (!recipient?.typed)
		return failed('missing_address', `The record has no ${noun}. Enter one, then restart the cadence.`);
	if (!recipient.address)
		return failed(
			'invalid_address',
			`"${storable(recipient.typed, 80)}" is no valid ${noun}. Correct it, then restart.`
		);
	const reason = facts.suppressed.get(`${due.row.org_id}/${action.kind}/${recipient.address}`);
	if (reason === undefined) return null;
	if (reason === 'bounced' && action.kind === 'email')
		return failed(
			'address_bounced',
			'Mail to this address bounced earlier. Correct the address, then restart.'
		);
	return skip(isCall ? 'do_not_call' : 'unsubscribed');
}

function checkTemplate(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'email' | 'whatsapp' }>,
	facts: ChannelFacts
): Prepared | null {
	const templateId = templateOf(due.row, action);
	if (templateId && facts.templates.has(orgKey(due.row.org_id, templateId))) return null;
	return failed(
		'template_gone',
		'The template was deleted or is not approved any more. Choose another one and publish.'
	);
}

function withSender(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'email' }>,
	facts: ChannelFacts,
	reviewSubject: string
): Prepared {
	const sender = resolveSender(due, action, facts);
	const problem = checkTemplate(due, action, facts);
	if (problem) return problem;
	if (!sender)
		return failed(
			'sender_gone',
			'There is no usable sender address. Give the owner one, or a fallback in the action.'
		);
	const prepared: Prepared = { ...ready(due, facts), senderId: sender.id };
	if (!action.config.review) return prepared;
	const reviewer = resolveOwner(due, action, facts);
	return reviewer.id === null
		? reviewer.problem
		: { ...prepared, ownerId: reviewer.id, extra: { kind: 'review', subject: reviewSubject } };
}

/** GRA-8: the sender at this moment; one that is gone or switched off: the action's fallback. */
export function resolveSender(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'email' }>,
	facts: ChannelFacts
): { id: string } | undefined {
	const rule = action.config.sender;
	const org = due.row.org_id;
	const owner = orgKey(org, due.record.ownerId);
	const first =
		rule?.kind === 'sender'
			? facts.senders.get(orgKey(org, rule.senderId))
			: facts.users.has(owner)
				? facts.sendersOfUsers.get(owner)
				: undefined;
	const fallback = rule?.fallbackSenderId ? facts.senders.get(orgKey(org, rule.fallbackSenderId)) : undefined;
	return [first, fallback].find((one) => one && one.status !== 'disabled');
}

function withOwner(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'task' | 'call' }>,
	facts: ChannelFacts,
	address: string | null
): Prepared {
	const owner = resolveOwner(due, action, facts);
	if (owner.id === null) return owner.problem;
	return { verdict: { do: 'execute' }, ownerId: owner.id, senderId: null, address };
}

/** GRA-8: the owner at this moment; an inactive one: the action's fallback, else the run fails. */
export function resolveOwner(
	due: DueRun,
	action: PlanAction,
	facts: ChannelFacts
): { id: string } | { id: null; problem: Prepared } {
	const rule = ownerRuleOf(action);
	const isActive = (id: string) => facts.users.has(orgKey(due.row.org_id, id));
	const wanted =
		rule?.kind === 'roundRobin'
			? (facts.turns?.next(due.row.cadence_id, action.id, rule.userIds, isActive) ?? undefined)
			: rule?.kind === 'user'
				? rule.userId
				: rule && due.record.ownerId;
	const id = [wanted, rule?.fallbackUserId].find((one) => typeof one === 'string' && isActive(one));
	if (id) return { id };
	const problem = failed(
		'owner_inactive',
		'The owner is no active user and the action has no fallback. Change the owner, then restart.'
	);
	return { id: null, problem };
}
