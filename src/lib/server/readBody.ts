import { error } from '@sveltejs/kit';
import type { z } from 'zod';
import { parseJson } from './parseJson.ts';

/** The JSON body of a request by its schema; a 422 that names the first problem when it does not fit. */
export async function readBody<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
	const parsed = schema.safeParse(parseJson(await request.text().catch(() => '')));
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	error(422, {
		code: 'invalid',
		message: issue?.message ?? 'The input is not valid.',
		pointer: `/${(issue?.path ?? []).map(String).join('/')}`
	});
}
