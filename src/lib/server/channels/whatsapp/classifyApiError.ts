/** What an error of the Cloud API means (CHANNELS.md 6). */
export type ApiErrorKind =
	/** Back-off. */
	| 'retry'
	/** Paused, missing or misfitting template. */
	| 'template'
	/** This person cannot be reached. */
	| 'recipient'
	/** This person asked for no more. */
	| 'optOut'
	/** Token, permission, payment: pause the account. */
	| 'account'
	/** This one message is refused. */
	| 'message';

const retry = new Set([4, 80007, 130429, 131048, 131056, 131000, 131016, 131057]);
const template = new Set([132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069]);
const recipient = new Set([131026, 131030, 131049, 130472, 131021]);
const account = new Set([190, 102, 10, 200, 0, 3, 131031, 131042, 131005, 368]);

export function classifyApiError(code: number, status: number): ApiErrorKind {
	if (code === 131050) return 'optOut';
	if (retry.has(code) || status === 429) return 'retry';
	if (template.has(code)) return 'template';
	if (recipient.has(code)) return 'recipient';
	if (account.has(code) || status === 401 || status === 403) return 'account';
	return status >= 500 ? 'retry' : 'message';
}
