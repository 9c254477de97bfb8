import { responseText } from '../cadence/responseText.ts';
import type { EndReason, PauseCause } from './state.ts';

/** Why a run ended, as a person reads it (UNE-8). */
export const endReasonText: Record<EndReason, string> = {
	completed: 'Reached the end',
	no_branch_left: 'No branch left to take',
	exit_goal: 'Reached the goal',
	manual: 'Un-enrolled by a person',
	left_view: 'Left the audience',
	date: 'Un-enroll date reached',
	criteria: 'Matched the un-enroll criteria',
	response_rule: 'Response rule',
	late_reply: 'Late reply',
	exit: 'Reached an exit',
	follow_up_edited: 'Follow-up was edited',
	deactivated: 'Cadence was deactivated',
	converted: 'Lead was converted',
	merged: 'Record was merged',
	record_deleted: 'Record was deleted',
	cadence_deleted: 'Cadence was deleted',
	no_response: 'No response in time',
	missing_address: 'Address is missing',
	invalid_address: 'Address is not valid',
	address_bounced: 'Address bounced',
	template_gone: 'Template is gone',
	sender_gone: 'Sender is gone',
	owner_inactive: 'Owner is inactive',
	provider_refused: 'Provider refused the message',
	activity_deleted: 'Activity was deleted',
	field_gone: 'Field is gone',
	value_refused: 'Value does not fit the record',
	webhook_refused: 'Webhook was not taken'
};

export const pauseCauseText: Record<PauseCause, string> = {
	person: 'Paused by a person',
	cadence_inactive: 'Cadence is inactive',
	out_of_office: 'Out of office'
};

/** UNE-8: what is kept besides the reason: a person's words, the exit's label, or the response that a rule names. */
export const endDetailText = (reason: EndReason | null, detail: string | null): string =>
	detail && reason === 'response_rule' ? responseText(detail) : (detail ?? '');
