import type { LiveEvent } from '../../src/lib/domain/liveEvents.ts';
import { listenLive } from '../../src/lib/server/notifications/liveHub.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';

test('CRM-9: an organization whose live events cannot be read keeps no other from being told', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const told: LiveEvent[] = [];
	const ends = [
		// No id at all: each reading of it fails, and it is read first.
		listenLive(db.web, 'broken', { userId: actor.userId, send: () => {} }),
		listenLive(db.web, actor.orgId, { userId: actor.userId, send: (event) => told.push(event) })
	];
	try {
		await expect.poll(() => told, { timeout: 4500 }).toEqual([{ kind: 'counts', due: 0, unread: 0 }]);
	} finally {
		for (const end of ends) end();
	}
});
