import type { PlanAction } from '#lib/domain/plan/plan.ts';
import type { Verdict } from '#lib/domain/enrollment/runEvent.ts';
import { orgKey, type ChannelFacts } from './channelFacts.ts';
import type { DueRun } from './dueRow.ts';

/** What an executed action needs to be written. */
export type Prepared = {
	verdict: Verdict;
	/** Owner of the task or call. */
	ownerId: string | null;
	senderId: string | null;
	address: string | null;
};

const nothing = { ownerId: null, senderId: null, address: null };
const fail = (reason: Extract<Verdict, { do: 'fail' }>['reason'], detail: string): Prepared => ({
	...nothing,
	verdict: { do: 'fail', reason, detail }
});
const skip = (reason: Extract<Verdict, { do: 'skip' }>['reason']): Prepared => ({
	...nothing,
	verdict: { do: 'skip', reason }
});

/** EXE-4, EXE-5, EXE-11, GRA-8: whether the due action runs, is skipped or fails, from facts read in this transaction. */
export function prepareAction(due: DueRun, facts: ChannelFacts): Prepared {
	const { target } = due;
	if (!target || target.kind === 'exit') return { ...nothing, verdict: { do: 'execute' } };
	switch (target.kind) {
		case 'task':
			return withOwner(due, target, facts, null);
		case 'call':
			return checkAddress(due, target, facts) ?? withOwner(due, target, facts, addressOf(due, facts));
		case 'email':
			return checkAddress(due, target, facts) ?? withSender(due, target, facts);
		case 'whatsapp':
			return checkAddress(due, target, facts) ?? checkTemplate(due, target, facts) ?? ready(due, facts);
		default:
			throw new Error(`A pass cannot execute ${target.kind} yet.`);
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
		return fail('missing_address', `The record has no ${noun}. Enter one, then restart the cadence.`);
	if (!recipient.address)
		return fail(
			'invalid_address',
			`"${recipient.typed.slice(0, 80)}" is no valid ${noun}. Correct it, then restart.`
		);
	const reason = facts.suppressed.get(`${due.row.org_id}/${action.kind}/${recipient.address}`);
	if (reason === undefined) return null;
	if (reason === 'bounced' && action.kind === 'email')
		return fail(
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
	const { templateId } = action.config;
	if (templateId && facts.templates.has(orgKey(due.row.org_id, templateId))) return null;
	return fail(
		'template_gone',
		'The template was deleted or is not approved any more. Choose another one and publish.'
	);
}

function withSender(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'email' }>,
	facts: ChannelFacts
): Prepared {
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
	const sender = [first, fallback].find((one) => one && one.status !== 'disabled');
	const problem = checkTemplate(due, action, facts);
	if (problem) return problem;
	if (!sender)
		return fail(
			'sender_gone',
			'There is no usable sender address. Give the owner one, or a fallback in the action.'
		);
	return { ...ready(due, facts), senderId: sender.id };
}

function withOwner(
	due: DueRun,
	action: Extract<PlanAction, { kind: 'task' | 'call' }>,
	facts: ChannelFacts,
	address: string | null
): Prepared {
	const rule = action.config.owner;
	const wanted = rule.kind === 'user' ? rule.userId : due.record.ownerId;
	const ownerId = [wanted, rule.fallbackUserId].find(
		(id) => id !== undefined && facts.users.has(orgKey(due.row.org_id, id))
	);
	if (!ownerId)
		return fail(
			'owner_inactive',
			'The owner is no active user and the action has no fallback. Change the owner, then restart.'
		);
	return { verdict: { do: 'execute' }, ownerId, senderId: null, address };
}
