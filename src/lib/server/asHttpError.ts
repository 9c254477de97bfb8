import { error as httpError } from '@sveltejs/kit';
import { httpErrorRules, toDomainError } from './httpErrors.ts';

/**
 * Kit answers 500 to everything that is not its own HttpError. So an error for a person becomes one that is also still
 * our DomainError: pages get the right status, and actions may catch it by its code.
 */
export function asHttpError(error: unknown): unknown {
	const known = toDomainError(error);
	if (!known) return error;
	const { code, message, pointer, details } = known;
	try {
		httpError(httpErrorRules[code].status, { code, message, pointer, details });
	} catch (thrown) {
		const branded = Object.assign(thrown as object, { code, message, pointer, details });
		return Object.defineProperty(branded, Symbol.for('cadenza.DomainError'), { value: true });
	}
}
