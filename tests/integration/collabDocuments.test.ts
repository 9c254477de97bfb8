import { eq, sql } from 'drizzle-orm';
import { emptyDraft, type Draft } from '../../src/lib/domain/cadence/draft.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { replaceDocument } from '../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { users } from '../../src/lib/server/db/schema/accounts.ts';
import { createWorld } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test } from '../support/db.ts';

const withExit = (reason: string): Draft => ({
	...emptyDraft(),
	nodes: {
		...emptyDraft().nodes,
		end: { id: 'end', kind: 'exit', position: [0, 100], title: '', notes: '', reason, goal: false }
	},
	edges: {
		'start/entry': {
			source: 'start',
			response: 'entry',
			target: 'end',
			delay: { amount: 1, unit: 'immediately' },
			also: []
		}
	}
});

describe('documents', () => {
	test('VER-1: a draft is stored as a document and read back at its log number', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const cadenceId = await world.addCadence(withExit('Done'));
		const read = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		expect(read).toMatchObject({ generation: 1, seq: 1, draft: withExit('Done') });
		expect(read.contributors).toHaveLength(1);
		const other = await createWorld(db);
		await expect(
			withOrg(db.web, other.orgId, (tx) => readDraft(tx, world.orgId, cadenceId))
		).rejects.toMatchObject({ code: 'not_found' });
	});

	test('VER-6: replacing a draft begins a new generation and tells who changed it since', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const { userId } = await world.addUser('Restorer', 'editor');
		const cadenceId = await world.addCadence();
		const read = await withOrg(db.web, world.orgId, async (tx) => {
			await replaceDocument(tx, world.orgId, cadenceId, withExit('Restored'), userId);
			return readDraft(tx, world.orgId, cadenceId, { since: 1 });
		});
		expect(read).toMatchObject({ generation: 2, seq: 2, contributors: [userId] });
		expect(read.draft).toEqual(withExit('Restored'));
	});

	test('PER-4: whatever changes rights raises the epoch', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const { userId, profileId } = await world.addUser('Changing', 'editor');
		const epoch = async () => {
			const [row] = await db.admin.select().from(users).where(eq(users.id, userId));
			return row!.epoch;
		};
		const steps = [
			sql`update profiles set permissions = jsonb_set(permissions, '{cadences,manage}', 'false') where id = ${profileId}`,
			sql`update users set password_hash = 'y' where id = ${userId}`,
			sql`update users set active = false where id = ${userId}`
		];
		for (const [index, step] of steps.entries()) {
			await withOrg(db.web, world.orgId, (tx) => tx.execute(step));
			expect(await epoch()).toBe(index + 1);
		}
		await withOrg(db.web, world.orgId, (tx) =>
			tx.execute(sql`update users set theme = 'dark' where id = ${userId}`)
		);
		expect(await epoch()).toBe(steps.length);
	});
});
