import { z } from 'zod';
import { signedOut } from './signedOut.ts';

type Answer<T> = { data: T; problem?: undefined } | { data?: undefined; problem: string };

/** Posts JSON to one of our own addresses. The problem, if any, is a sentence for the person. */
export async function postJson<S extends z.ZodType>(
	url: string,
	body: unknown,
	schema: S
): Promise<Answer<z.output<S>>> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify(body)
	}).catch(() => null);
	if (!response) return { problem: 'The server cannot be reached. Check the connection and try again.' };
	const out = signedOut(response);
	if (out) return { problem: out };
	const answer: unknown = await response.json().catch(() => null);
	if (response.ok) return { data: schema.parse(answer) };
	const said = z.object({ message: z.string() }).safeParse(answer);
	return { problem: said.success ? said.data.message : 'That did not work. Try again in a moment.' };
}
