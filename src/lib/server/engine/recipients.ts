import { addressFor } from '#lib/domain/crm/addresses.ts';
import type { PlanAction } from '#lib/domain/plan/plan.ts';
import type { RecordFacts } from './recordFacts.ts';

/** GRA-8: where an action goes to: a field of the record or of one lookup. */
export type Recipient = {
	/** What stands in the field, trimmed; '' when it is blank or the lookup leads nowhere. */
	typed: string;
	/** Normalised; null when it is no usable address of the channel. */
	address: string | null;
	optedOut: boolean;
};

/** The lookup field of a recipient path, `contact` of `contact.email`; null for a field of the record itself. */
export const lookupOf = (path: string | null): string | null =>
	path?.includes('.') ? path.slice(0, path.indexOf('.')) : null;

/** The path of an action's recipient; null for actions without one. */
export const recipientPath = (action: PlanAction): string | null =>
	'recipient' in action.config ? action.config.recipient : null;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id a lookup field holds; null when it is empty. */
export function lookupId(record: RecordFacts, field: string): string | null {
	const id = text(record.data[field]);
	return uuid.test(id) ? id.toLowerCase() : null;
}

/** Reads the recipient; opting out counts for the record and for the one the lookup names. */
export function recipientOf(
	action: PlanAction,
	record: RecordFacts,
	lookups: ReadonlyMap<string, RecordFacts>
): Recipient {
	const path = recipientPath(action);
	const lookup = lookupOf(path);
	const target = lookup === null ? record : lookups.get(lookupId(record, lookup) ?? '');
	const typed =
		target && path ? text(target.data[lookup === null ? path : path.slice(lookup.length + 1)]) : '';
	const { kind } = action;
	const channel = kind === 'email' || kind === 'call' || kind === 'whatsapp' ? kind : null;
	return {
		typed,
		address: addressFor(action.kind, typed),
		optedOut: channel !== null && (record.optOut[channel] || (target?.optOut[channel] ?? false))
	};
}
