import { fail, type ActionFailure } from '@sveltejs/kit';
import type { DomainErrorCode } from '#lib/domain/errors.ts';
import { httpErrorRules, toDomainError } from './httpErrors.ts';

export interface FormFailure {
	code: DomainErrorCode;
	message: string;
	/** JSON pointer to the field, as in `/password`. */
	pointer: string | undefined;
	details: unknown;
}

/** For form actions: `catch (error) { return failForm(error); }`. Throws on what is not the person's to mend. */
export function failForm(error: unknown): ActionFailure<FormFailure> {
	const known = toDomainError(error);
	if (!known) throw error;
	const { code, message, pointer, details } = known;
	return fail(httpErrorRules[code].status, { code, message, pointer, details });
}
