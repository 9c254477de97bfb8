/**
 * Every error a person can cause or must read. `code` is stable and decides the HTTP status
 * (see server/httpErrors.ts); `pointer` is a JSON pointer to the offending value. Tell errors apart by
 * `code` and `isDomainError`, never by instanceof: production runs two copies of the server modules.
 */
export const domainErrorCodes = [
	'invalid', // the input breaks a rule: 422
	'not_found', // 404, also for another organization's ids
	'forbidden', // the profile lacks a permission: 403
	'unauthenticated', // 401
	'conflict', // somebody else changed it meanwhile: 409
	'limit', // an edition limit: 409
	'in_use', // still used elsewhere: 409
	'rate_limited', // 429
	'unavailable' // try again later: 503
] as const;
export type DomainErrorCode = (typeof domainErrorCodes)[number];

const brand = Symbol.for('cadenza.DomainError');

export class DomainError extends Error {
	readonly code: DomainErrorCode;
	readonly pointer: string | undefined;
	/** Structured details for the caller (counts, names of users of a thing, violations). */
	readonly details: unknown;
	constructor(code: DomainErrorCode, message: string, pointer?: string, details?: unknown) {
		super(message);
		this.name = 'DomainError';
		this.code = code;
		this.pointer = pointer;
		this.details = details;
		Object.defineProperty(this, brand, { value: true });
	}
}

export const isDomainError = (error: unknown): error is DomainError =>
	typeof error === 'object' && error !== null && brand in error;

/** Closes every switch over a union; reaching it is a bug. */
export function assertNever(value: never): never {
	throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
