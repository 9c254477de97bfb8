import { addressFor } from '../crm/addresses.ts';
import type { Choices, SkipReason, Verdict } from '../enrollment/runEvent.ts';
import type { EndReason } from '../enrollment/state.ts';
import type { PlanAction } from '../plan/plan.ts';
import type { MergeValues } from '../mergeFields/values.ts';

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
	/** For the words of messages, tasks and calls; null: they are shown with their merge fields. */
	mergeValues: MergeValues | null;
};

const skip = (reason: SkipReason): Verdict => ({ do: 'skip', reason });
const fail = (reason: EndReason): Verdict => ({ do: 'fail', reason, detail: null });

/** EXE-4, EXE-5, EXE-11: whether an action would run, be skipped or fail for this record. */
export function verdictOn(action: PlanAction, facts: SimulatedFacts): Verdict {
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
