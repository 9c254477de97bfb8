import { z } from 'zod';
import { parseJson } from './parseJson.ts';

/** One field of a form that holds JSON, by its schema; `invalid` for what is no JSON at all. */
export const formJson = <S extends z.ZodType>(schema: S) =>
	z
		.string('The form arrived damaged. Reload the page and try again.')
		.transform((text, context): unknown => {
			const value = parseJson(text);
			if (value !== undefined) return value;
			context.addIssue({
				code: 'custom',
				message: 'The form arrived damaged. Reload the page and try again.'
			});
			return z.NEVER;
		})
		.pipe(schema);
