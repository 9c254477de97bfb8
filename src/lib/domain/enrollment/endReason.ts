import { assertNever } from '../errors.ts';
import type { EndReason, EnrollmentStatus } from './state.ts';

/** REE-1: what an end reason makes of the run. */
export function endStatusOf(reason: EndReason): Exclude<EnrollmentStatus, 'active' | 'paused'> {
	switch (reason) {
		case 'completed':
		case 'no_branch_left':
		case 'exit_goal':
			return 'completed';
		case 'manual':
		case 'left_view':
		case 'date':
		case 'criteria':
		case 'response_rule':
		case 'late_reply':
		case 'exit':
		case 'follow_up_edited':
		case 'deactivated':
		case 'converted':
		case 'merged':
		case 'record_deleted':
		case 'cadence_deleted':
		case 'no_response':
			return 'stopped';
		case 'missing_address':
		case 'invalid_address':
		case 'address_bounced':
		case 'template_gone':
		case 'sender_gone':
		case 'owner_inactive':
		case 'provider_refused':
		case 'activity_deleted':
		case 'field_gone':
		case 'value_refused':
		case 'webhook_refused':
			return 'failed';
		default:
			return assertNever(reason);
	}
}

/**
 * UNE-4: whether the ending cancels what the run left behind. Reaching the end (EXE-3) and failing (EXE-4) keep the
 * activities; un-enrollment and exits remove them.
 */
export const withdraws = (reason: EndReason): boolean =>
	reason === 'exit_goal' || endStatusOf(reason) === 'stopped';

/** REE-1: stops from which a run can go on where it stopped. */
const resumable: ReadonlySet<EndReason> = new Set([
	'manual',
	'left_view',
	'date',
	'criteria',
	'response_rule',
	'late_reply',
	'follow_up_edited',
	'deactivated',
	'record_deleted'
] satisfies EndReason[]);
export const isResumable = (reason: EndReason): boolean => resumable.has(reason);

/** REE-1: neither resume nor restart. */
export const isFinal = (reason: EndReason): boolean =>
	reason === 'converted' || reason === 'merged' || reason === 'cadence_deleted';
