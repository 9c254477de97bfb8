import { z } from 'zod';
import { DomainError } from '#lib/domain/errors.ts';

const fieldValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
const valuesSchema = z.record(z.string().max(80), fieldValue);

/** The record form posts its values as one JSON text, so that lists and blanks keep their type. */
export function readValues(form: FormData): z.infer<typeof valuesSchema> {
	const text = form.get('values');
	try {
		return valuesSchema.parse(JSON.parse(typeof text === 'string' ? text : ''));
	} catch {
		throw new DomainError('invalid', 'The form arrived damaged. Reload the page and try again.');
	}
}
