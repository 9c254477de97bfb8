import { z } from 'zod';

const problemList = z.array(z.object({ field: z.string(), message: z.string() }));

/** The problems of a refused save by field key; the server lists them all in `details`. */
export function problemsByField(details: unknown): Record<string, string> {
	const parsed = problemList.safeParse(details);
	return parsed.success ? Object.fromEntries(parsed.data.map(({ field, message }) => [field, message])) : {};
}
