import type * as Y from 'yjs';
import { z } from 'zod';
import { postJson } from '#lib/components/postJson.ts';
import type { Builder } from '../builder.svelte.ts';

const answer = z.object({ id: z.string(), name: z.string() }).nullable();

/** What was lost is said soon, by whom only if that is known by then. */
const withinMs = 1_200;

/** COL-2: who deleted an entry of the document, as the sentence begins. The log knows; offline nobody does. */
export async function findEraser<T>(builder: Builder, map: Y.Map<T>, key: string): Promise<string> {
	const item = map._map.get(key);
	const nobody = 'Somebody else';
	if (!item) return nobody;
	const { client, clock } = item.id;
	const late = new Promise<null>((done) => setTimeout(done, withinMs, null));
	const asked = postJson(`/cadences/${builder.context.cadence.id}/deleted`, { client, clock }, answer);
	const found = (await Promise.race([asked, late]))?.data;
	if (!found) return nobody;
	return found.id === builder.context.me.id ? 'You, in another window,' : found.name;
}
