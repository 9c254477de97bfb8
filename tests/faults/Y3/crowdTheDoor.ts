import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../../support/clone.ts';
import { openRaw, startCollab, testOrigin } from '../../support/collabServer.ts';
import { createWorld } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';

/** What the third of two allowed sockets hears, and one whose session cannot be read in time. */
export async function crowdTheDoor(db: TestDatabase): Promise<{ third: number; slow: number }> {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const cadenceId = await world.addCadence();
	const server = await startCollab(db.urls.web, { limits: { upgradeMs: 300, socketsPerUser: 2 } });
	const open = () => openRaw({ port: server.port, cadenceId }, { cookie: ann.cookie, origin: testOrigin });
	const [one, two] = [open(), open()];
	await Promise.all([one.opened, two.opened]);
	const third = await open().closed;
	one.ws.terminate();
	two.ws.terminate();
	const slow = await db.admin.transaction(async (tx) => {
		await tx.execute(sql`lock table sessions in access exclusive mode`);
		return open().closed;
	});
	await server.close();
	return { third, slow };
}
