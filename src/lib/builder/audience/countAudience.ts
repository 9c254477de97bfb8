import { z } from 'zod';
import { postJson } from '#lib/components/postJson.ts';
import type { DraftSettings } from '#lib/domain/cadence/draft.ts';

const answer = z.object({ matching: z.number().nullable(), staying: z.number().nullable() }).nullable();
/** Records of the draft's view, and those of them that no un-enrollment rule would turn away. */
export type CountedAudience = NonNullable<z.output<typeof answer>>;

/** GRA-9: null when it took too long, the view is broken, or the server was not reached. */
export async function countAudience(
	cadenceId: string,
	settings: DraftSettings
): Promise<CountedAudience | null> {
	const { viewId, unenroll } = settings;
	const { data } = await postJson(`/cadences/${cadenceId}/audience`, { viewId, unenroll }, answer);
	return data ?? null;
}
