import { addressFor } from '../crm/addresses.ts';
import type { Choices, SkipReason, Verdict } from '../enrollment/runEvent.ts';
import type { EndReason } from '../enrollment/state.ts';
import type { PlanAction } from '../plan/plan.ts';
import type { MergeRecord, MergeValues } from '../mergeFields/values.ts';

/** VER-7: what is known of the record, real or made up. */
export type SimulatedFacts = {
	/** The record's, or the organization's where it has none. */
	timeZone: string;
	optOut: { email: boolean; call: boolean; whatsapp: boolean };
	/** What stands in address fields, by path: `email`, `account.phone`. */
	addresses: Readonly<Record<string, string>>;
	/** Why later messages of a channel would not be sent, whatever the record says (CHA-2, EXE-11). */
	suppressed: { email?: 'unsubscribed' | 'bounced'; whatsapp?: 'unsubscribed'; call?: 'unsubscribed' };
	/** GRA-10: what each condition decides: the id of a case, or `else`. */
	choices: Choices;
	/** UNE-1 (a)-(c), UNE-7: why the record has to leave the cadence; null: it may stay. */
	leave: EndReason | null;
	/** Actions that could not run today, by id: template gone, owner inactive, sender gone. */
	faults: Readonly<Record<string, { reason: EndReason; detail: string | null }>>;
	/** What the engine's own check says of each action today, by id; it counts more than what stands above. */
	verdicts?: Readonly<Record<string, Verdict>>;
	/** For the words of messages, tasks and calls; null: they are shown with their merge fields. */
	mergeValues: MergeValues | null;
	/** `{{sender...}}` of an e-mail, by action id. */
	senders?: Readonly<Record<string, MergeRecord>>;
};

/** CHA-2, EXE-11: `email/bea@example.org` -> what came back from it during this run. */
export type Blocked = Readonly<Record<string, 'unsubscribed' | 'bounced'>>;

/** The key under which an action's address is blocked; null: it goes to nobody. */
export function addressKey(
	action: PlanAction,
	{ addresses }: Pick<SimulatedFacts, 'addresses'>
): string | null {
	const path = 'recipient' in action.config ? action.config.recipient : null;
	const typed = path !== null && Object.hasOwn(addresses, path) ? addresses[path]! : '';
	const address = addressFor(action.kind, typed.trim());
	return address === null ? null : `${action.kind}/${address}`;
}

const skip = (reason: SkipReason): Verdict => ({ do: 'skip', reason });
const fail = (reason: EndReason): Verdict => ({ do: 'fail', reason, detail: null });

/** EXE-4, EXE-5, EXE-11: whether an action would run, be skipped or fail for this record. */
export function verdictOn(action: PlanAction, facts: SimulatedFacts, blocked: Blocked = {}): Verdict {
	const checked = facts.verdicts;
	const verdict = checked && Object.hasOwn(checked, action.id) ? checked[action.id]! : judge(action, facts);
	const key = verdict.do === 'execute' ? addressKey(action, facts) : null;
	const block = key !== null && Object.hasOwn(blocked, key) ? blocked[key] : undefined;
	if (!block) return verdict;
	return block === 'bounced' ? fail('address_bounced') : skip('unsubscribed');
}

function judge(action: PlanAction, facts: SimulatedFacts): Verdict {
	if (action.kind === 'email' || action.kind === 'call' || action.kind === 'whatsapp') {
		const isCall = action.kind === 'call';
		// Opted out comes first: such a person is skipped, whatever is wrong with the address.
		if (facts.optOut[action.kind]) return skip(isCall ? 'do_not_call' : 'opt_out');
		const path = action.config.recipient;
		const typed = path !== null && Object.hasOwn(facts.addresses, path) ? facts.addresses[path]!.trim() : '';
		if (!typed) return fail('missing_address');
		if (!addressFor(action.kind, typed)) return fail('invalid_address');
		const block = facts.suppressed[action.kind];
		if (block === 'bounced') return fail('address_bounced');
		if (block) return skip(isCall ? 'do_not_call' : 'unsubscribed');
	}
	const fault = Object.hasOwn(facts.faults, action.id) ? facts.faults[action.id] : undefined;
	return fault ? { do: 'fail', ...fault } : { do: 'execute' };
}
