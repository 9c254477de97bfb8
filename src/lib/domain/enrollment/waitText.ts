/** ENR-8: why a message or a webhook call waits in the outbox, as a part of a sentence. */
export function waitText(reason: string | null): string {
	switch (reason) {
		case null:
			return 'it is next in line';
		case 'window':
			return 'it is outside the sending window';
		case 'limit':
			return "the day's e-mail limit is reached";
		case 'sender':
			return 'its sender is paused after errors of the relay';
		case 'account':
			return 'the WhatsApp account is paused';
		case 'criteria':
			return 'the un-enrollment criteria of its cadence, or its view, cannot be read';
		case 'review':
			return 'its review is not completed yet';
		case 'paused':
			return 'the run was paused';
		case 'cadence_inactive':
			return 'the cadence was inactive';
		default:
			return 'the relay did not take it and it will be tried again';
	}
}
