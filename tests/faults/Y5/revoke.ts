import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Connection } from '../../../src/lib/collab/connection.ts';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { deleteSession } from '../../../src/lib/server/auth/sessions.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openPage, startCollab, until } from '../../support/collabServer.ts';
import { createWorld, profiles, type World, type WorldUser } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { liftedRates } from '../../support/liftedRates.ts';

type Revoke = (db: TestDatabase, world: World, user: WorldUser) => Promise<unknown>;
const setProfile =
	(name: 'viewer' | 'outsider'): Revoke =>
	(db, world, { profileId }) =>
		withOrg(db.web, world.orgId, (tx) =>
			tx.execute(
				sql`update profiles set permissions = ${JSON.stringify(profiles[name])}::jsonb where id = ${profileId}`
			)
		);

/** Ways to lose the right to edit, each as the product does it. People never move to another organization. */
const revocations: Record<string, Revoke> = {
	'the profile loses MANAGE': setProfile('viewer'),
	'the profile loses VIEW': setProfile('outsider'),
	'the user signs out': (db, _world, { sessionId }) => deleteSession(db.web, sessionId),
	'the user is switched off': (db, world, { userId }) =>
		withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update users set active = false where id = ${userId}`)
		),
	'the user gets another profile': async (db, world, { userId }) => {
		const other = await world.addUser('Other', 'viewer');
		return withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update users set profile_id = ${other.profileId} where id = ${userId}`)
		);
	}
};

/** Writes down in which transaction each right went, so that PostgreSQL can say what was committed after it. */
async function watchRevocations(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table if not exists revoked (user_id uuid, xid xid)`);
	await db.admin.execute(sql`
		create or replace function note_revoked() returns trigger language plpgsql security definer set search_path = public as $$
		begin
			if tg_op = 'DELETE' then
				insert into revoked values (old.user_id, pg_current_xact_id()::xid);
			else
				insert into revoked values (new.id, pg_current_xact_id()::xid);
			end if;
			return null;
		end $$`);
	await db.admin.execute(sql`create or replace trigger note_revoked after update on users for each row
		when (new.epoch is distinct from old.epoch) execute function note_revoked()`);
	await db.admin.execute(
		sql`create or replace trigger note_revoked after delete on sessions for each row execute function note_revoked()`
	);
}

export type Revoking = { trials: number; atOnce: number; useNotify: boolean; pollMs: number };

/** People who write without pause lose their right at some moment: how long until they are out, what came in after it. */
export async function revokeWhileWriting(db: TestDatabase, { trials, atOnce, useNotify, pollMs }: Revoking) {
	useConfig(db.urls);
	await watchRevocations(db);
	const world = await createWorld(db);
	const server = await startCollab(db.urls.web, { useNotify, pollMs, limits: liftedRates });
	const ways = Object.entries(revocations);
	const tookMs: number[] = [];
	const wrong: string[] = [];
	const trial = async (index: number) => {
		const [name, revoke] = ways[index % ways.length]!;
		const cadenceId = await world.addCadence();
		const user = await world.addUser(name, 'editor');
		const page = openPage({ port: server.port, cadenceId }, user);
		await page.saved();
		const { id } = addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
		await page.saved();
		let writing = true;
		// Whoever writes is found out by it; without a hint, who is silent has to wait for the poll.
		const isSilent = !useNotify && index % 2 === 1;
		const writer = isSilent ? Promise.resolve() : writeOn(page, id, () => writing);
		await sleep(20 + (index % 10) * 10);
		await revoke(db, world, user);
		const from = performance.now();
		await until(() => page.state.status === 'closed', 60_000);
		tookMs.push(performance.now() - from);
		writing = false;
		await writer;
		const code = page.state.status === 'closed' ? page.state.code : 0;
		if (![4401, 4403].includes(code)) wrong.push(`${name}: ${code}`);
		page.destroy();
	};
	for (let done = 0; done < trials; done += atOnce)
		await Promise.all(Array.from({ length: Math.min(atOnce, trials - done) }, (_, n) => trial(done + n)));
	await server.close();
	const [late] = await db.admin.execute<{ n: number; stored: number }>(sql`
		select count(*) filter (where pg_xact_commit_timestamp(u.xmin) > pg_xact_commit_timestamp(r.xid))::int as n,
			count(*)::int as stored
		from document_updates u join revoked r on r.user_id = u.user_id where u.org_id = ${world.orgId}`);
	return {
		revocations: tookMs.length,
		slowestMs: Math.round(Math.max(...tookMs)),
		storedBefore: late!.stored,
		storedAfter: late!.n,
		wrongCodes: wrong.length,
		errors: server.errors.length
	};
}

async function writeOn(page: Connection, id: string, goesOn: () => boolean): Promise<void> {
	for (let n = 0; goesOn(); n++) {
		moveNodes(page.doc, { [id]: [n, n] });
		await sleep(2);
	}
}
