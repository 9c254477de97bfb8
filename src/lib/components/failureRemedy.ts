import type { EndReason } from '#lib/domain/enrollment/state.ts';

/** EXE-4: what helps when a run failed. Only a restart goes on from there. */
export const failureRemedy: Partial<Record<EndReason, string>> = {
	missing_address: 'Enter the missing address or number on the records, then restart them.',
	invalid_address: 'Correct the address or number on the records, then restart them.',
	address_bounced: 'Mail to these addresses bounced. Correct them, then restart.',
	template_gone: 'Choose another template in the cadence and publish it, then restart.',
	sender_gone: 'Give the owner a sender address, or the action a fallback, then restart.',
	owner_inactive: 'Change the owner of the records, or give the action a fallback, then restart.',
	provider_refused: 'The provider refused the message. Look at its text on the record, then restart.',
	activity_deleted: 'Somebody deleted the task or call they were at. Restart them if they should go on.',
	field_gone: 'A field that the cadence uses was deleted. Change the cadence and publish it, then restart.',
	value_refused: 'The record cannot take the value. Correct the action or the record, then restart.',
	webhook_refused: 'The receiver refused the call. Correct its address or answer, then restart.'
};
