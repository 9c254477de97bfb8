import { sql } from 'drizzle-orm';
import type { CollabOptions } from '../../src/lib/server/collab/collab.ts';
import type { TestDatabase } from './clone.ts';
import { openRaw, startCollab, testOrigin, type RawSocket } from './collabServer.ts';
import { createWorld, type ProfileName, type World, type WorldUser } from './collabWorld.ts';
import { useConfig } from './config.ts';
import { liftedRates } from './liftedRates.ts';

type Raw = (user: { cookie: string }, query?: string) => RawSocket;

/** How many updates the log of a draft holds. */
export async function countLog(db: TestDatabase, cadenceId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
	);
	return row!.n;
}

/** One empty draft, Ann who edits it, others of these profiles, and a server in this process without rate limits. */
export async function openDraftPlace(
	db: TestDatabase,
	others: ProfileName[] = [],
	options: Partial<CollabOptions> = {}
) {
	useConfig(db.urls);
	const world: World = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const users: WorldUser[] = [];
	for (const profile of others) users.push(await world.addUser(`A ${profile}`, profile));
	const cadenceId = await world.addCadence();
	const server = await startCollab(db.urls.web, { limits: liftedRates, ...options });
	const target = { port: server.port, cadenceId };
	const raw: Raw = (user, query) => openRaw(target, { cookie: user.cookie, origin: testOrigin }, query);
	return { world, ann, users, cadenceId, server, target, raw, logLength: () => countLog(db, cadenceId) };
}
