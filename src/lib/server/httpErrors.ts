import { z } from 'zod';
import { DomainError, isDomainError, type DomainErrorCode } from '#lib/domain/errors.ts';
import { isPassing } from './db/isPassing.ts';

export interface HttpErrorRule {
	status: number;
	/** `user`: nobody is alerted. */
	severity: 'user' | 'operator';
}

/** DESIGN.md 4: the one table from error code to HTTP. */
export const httpErrorRules: Record<DomainErrorCode, HttpErrorRule> = {
	invalid: { status: 422, severity: 'user' },
	not_found: { status: 404, severity: 'user' },
	forbidden: { status: 403, severity: 'user' },
	unauthenticated: { status: 401, severity: 'user' },
	conflict: { status: 409, severity: 'user' },
	limit: { status: 409, severity: 'user' },
	in_use: { status: 409, severity: 'user' },
	rate_limited: { status: 429, severity: 'user' },
	unavailable: { status: 503, severity: 'operator' }
};

/**
 * What PostgreSQL says of a text that cannot be what it is compared with: a NUL, half a character, something that is no
 * id, number or date, or one out of range. Only input from outside ever is (addresses made up by hand, mostly).
 */
const unreadable = new Set(['22021', '22P05', '22P02', '22003', '22007', '22008', '22009']);

/** Reads any thrown value as an error for a person; null when it is a fault of ours. */
export function toDomainError(error: unknown): DomainError | null {
	if (isDomainError(error)) return error;
	if (error instanceof z.ZodError) {
		const [issue] = error.issues;
		const pointer = `/${(issue?.path ?? []).map(String).join('/')}`;
		return new DomainError('invalid', issue?.message ?? 'The input is not valid.', pointer, error.issues);
	}
	if (isPassing(error))
		return new DomainError('unavailable', 'The system is busy right now. Try again in a moment.');
	const cause = (error as { cause?: { code?: string }; code?: string } | null | undefined) ?? {};
	const code = cause.cause?.code ?? cause.code;
	if (code && unreadable.has(code))
		return new DomainError('invalid', 'This contains something that cannot be read. Check it and try again.');
	return null;
}
