import { z } from 'zod';

const recordSchema = z.object({ id: z.string(), name: z.string(), module: z.string() });
type RecentRecord = z.infer<typeof recordSchema>;

const most = 8;
const keyOf = (userId: string) => `recent:${userId}`;

/** What this person opened last on this machine, the latest first. A browser that stores nothing has none. */
export function recentRecords(userId: string): RecentRecord[] {
	try {
		return z.array(recordSchema).parse(JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]'));
	} catch {
		return [];
	}
}

const pageSchema = z.object({ record: z.object({ id: z.string(), name: z.string() }) });

/** The record that a page shows, if it shows one. */
export function shownRecord(pageData: unknown): { id: string; name: string } | null {
	const shown = pageSchema.safeParse(pageData);
	return shown.success ? shown.data.record : null;
}

/** Remembers the record that a page shows, if it shows one. */
export function noteRecord(userId: string, module: string | undefined, pageData: unknown): void {
	const shown = shownRecord(pageData);
	if (!module || !shown) return;
	const { id, name } = shown;
	const others = recentRecords(userId).filter((one) => one.id !== id);
	try {
		localStorage.setItem(keyOf(userId), JSON.stringify([{ id, name, module }, ...others].slice(0, most)));
	} catch {
		// A full or forbidden store costs this convenience only.
	}
}
