import { z } from 'zod';

/** Beside the messages of y-websocket (0, 1, 3): what happened to the cadence around the draft. */
export const newsMessage = 4;

/** Told to everybody who has the canvas open, as it is committed. A hint: the page reads the truth anew. */
export const cadenceNewsSchema = z.object({
	what: z.enum(['published', 'activated', 'deactivated', 'renamed', 'restored']),
	/** What was published, or restored into the draft. */
	version: z.int().nullable(),
	by: z.object({ id: z.uuid(), name: z.string().max(200) })
});
export type CadenceNews = z.infer<typeof cadenceNewsSchema>;

/** Null: it cannot be read, or comes from a newer server. */
export function readNews(json: string): CadenceNews | null {
	try {
		return cadenceNewsSchema.parse(JSON.parse(json));
	} catch {
		return null;
	}
}
