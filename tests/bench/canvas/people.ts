import type * as Y from 'yjs';
import type { Connection } from '../../../src/lib/collab/connection.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { setNodeField } from '../../../src/lib/collab/edits/setNodeField.ts';
import { createSession } from '../../../src/lib/server/auth/sessions.ts';
import type { Db } from '../../../src/lib/server/db/client.ts';
import { openPage } from '../../support/collabServer.ts';

export type Others = { stop: () => void; edits: () => number };
type Place = {
	origin: string;
	db: Db;
	orgId: string;
	userIds: string[];
	cadenceId: string;
	generation: number;
};

/** How often each of the others does something. */
const EVERY_MS = 100;

/** Editors without a browser: they drag cards about, drop them and type titles, among the cards that are in sight. */
export async function startOthers(place: Place, count: number, inSight: readonly string[]): Promise<Others> {
	const { origin, db, orgId, userIds, cadenceId, generation } = place;
	const pages: Connection[] = [];
	for (let n = 0; n < count; n++) {
		const { cookie } = await createSession(db, { orgId, userId: userIds[n % userIds.length]! }, {});
		const target = { port: Number(new URL(origin).port), cadenceId, generation, origin };
		pages.push(openPage(target, { cookie: `${cookie.name}=${cookie.value}` }));
	}
	await Promise.all(pages.map((page) => page.saved()));
	let edits = 0;
	const timers = pages.map((page, who) => {
		let n = 0;
		const share = inSight.filter((_id, index) => index % count === who);
		const own = share.length ? share : inSight;
		return setInterval(() => {
			n++;
			const id = own[(n >> 4) % own.length]!;
			const node = page.doc.getMap<Y.Map<unknown>>('nodes').get(id);
			const [x, y] = node?.get('pos') as [number, number];
			const at: [number, number] = [x + ((n % 9) - 4), y + ((n % 5) - 2)];
			page.setPresence({ cursor: at, dragging: n % 4 < 2 ? { [id]: at } : null });
			if (n % 4 === 2) moveNodes(page.doc, { [id]: at });
			if (n % 4 === 3) setNodeField(page.doc, id, 'title', `Action by ${who}, ${n}`);
			if (n % 4 > 1) edits++;
		}, EVERY_MS);
	});
	return {
		edits: () => edits,
		stop: () => {
			timers.forEach((timer) => clearInterval(timer));
			for (const page of pages) page.destroy();
		}
	};
}
