import { eq, sql } from 'drizzle-orm';
import { readThreads } from '../../src/lib/collab/comments.ts';
import { addComment } from '../../src/lib/collab/edits/addComment.ts';
import { addNote, setNoteText } from '../../src/lib/collab/edits/stickyEdits.ts';
import { readNotes } from '../../src/lib/collab/stickyNotes.ts';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { cloneCadence } from '../../src/lib/server/cadences/cloneCadence.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { exportCadence } from '../../src/lib/server/cadences/exportCadence.ts';
import { getCadence } from '../../src/lib/server/cadences/getCadence.ts';
import { importCadence } from '../../src/lib/server/cadences/importCadence.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { auditEntries } from '../../src/lib/server/db/schema/accounts.ts';
import { allLeads, makeCadence, makeMailParts, oneTask } from '../support/cadences.ts';
import { administrator, makeOrg, makeUser, rep } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import { draftOf } from '../support/draftOf.ts';
import { editStored, openStored } from '../support/editStored.ts';

const file = (more: Record<string, unknown> = {}) =>
	JSON.stringify({
		...{ cadenza: 'cadence/1', name: 'From afar', description: 'Kept', module: 'leads' },
		...{ enrollment: 'manual', draft: oneTask('Look', { endAfterDays: 9 }), ...more }
	});
const take = (db: TestDatabase, actor: Actor, text: string) =>
	withOrg(db.web, actor.orgId, (tx) => importCadence(tx, actor, text));

describe('a new cadence from a file', () => {
	test('CAD-5: what one organization exported becomes a draft in another, by the names of things', async ({
		db
	}) => {
		const ada = await makeOrg(db);
		const bob = await makeOrg(db);
		const text = await withOrg(db.web, ada.orgId, async (tx) => {
			const { templateId, senderId } = await makeMailParts(tx, ada);
			const viewId = await allLeads(tx);
			const mail = { kind: 'email', templateId, sender: { kind: 'sender', senderId }, title: 'Hello' };
			const draft = draftOf({ mail }, [['start', 'entry', 'mail']], { viewId });
			return JSON.stringify(
				await exportCadence(tx, ada, await makeCadence(tx, ada, 'Welcome', draft), 'draft')
			);
		});
		const viewOfBob = await withOrg(db.web, bob.orgId, (tx) => allLeads(tx));
		const bare = await take(db, bob, text);
		expect(bare.unresolved.map(({ kind, nodeId }) => [kind, nodeId])).toEqual([
			['template', 'mail'],
			['sender', 'mail']
		]);
		const parts = await withOrg(db.web, bob.orgId, (tx) => makeMailParts(tx, bob));
		const again = await take(db, bob, text);
		expect(again).toMatchObject({ name: 'Copy of Welcome', unresolved: [] });
		await withOrg(db.web, bob.orgId, async (tx) => {
			expect(await getCadence(tx, bob, again.id)).toMatchObject({
				state: 'draft',
				enrollmentKind: 'view',
				view: { id: viewOfBob }
			});
			const { draft } = await readDraft(tx, bob.orgId, again.id);
			expect(draft.nodes['mail']).toMatchObject({
				title: 'Hello',
				templateId: parts.templateId,
				sender: { kind: 'sender', senderId: parts.senderId }
			});
			const log = await tx.select().from(auditEntries).where(eq(auditEntries.objectId, again.id));
			expect(log).toMatchObject([{ action: 'cadence.import', actorId: bob.userId }]);
		});
	});

	test('CAD-5: what cannot be read is told with its place, and nothing is created', async ({ db }) => {
		const actor = await makeOrg(db);
		const place = async (text: string) => {
			const problem: unknown = await take(db, actor, text).catch((error: unknown) => error);
			const { code, details } = problem as { code: string; details: { problems: { place: string }[] } };
			return [code, details.problems[0]?.place];
		};
		expect(await place('{"cadenza"')).toEqual(['invalid', 'File']);
		expect(await place(' '.repeat(1_000_001))).toEqual(['invalid', 'File']);
		expect(await place(file({ module: 'spaceships' }))).toEqual(['invalid', 'module']);
		const { nodes } = oneTask();
		const wrong = { nodes: { ...nodes, look: { ...nodes['look'], title: 7 } }, edges: {} };
		expect(await place(file({ draft: { ...oneTask(), ...wrong } }))).toEqual(['invalid', 'Step look, title']);
		const left = await withOrg(db.web, actor.orgId, (tx) =>
			tx.execute(sql`select 1 from cadences where org_id = ${actor.orgId}`)
		);
		expect(left).toHaveLength(0);
	});

	test('CAD-5, PER-2, PER-3: it takes MANAGE and sight of the module; LIM-3: and a free place', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		const reader = await makeUser(db, actor.orgId, rep);
		const blind = await makeUser(db, actor.orgId, {
			...administrator,
			modules: { leads: { view: false, create: false, edit: false, delete: false } }
		});
		for (const who of [reader, blind])
			await expect(take(db, who, file())).rejects.toMatchObject({ code: 'forbidden' });
		await withOrg(db.web, actor.orgId, async (tx) => {
			for (let n = 0; n < 20; n++)
				await createCadence(tx, actor, { name: `C${n}`, moduleKey: 'leads', enrollment: { kind: 'manual' } });
		});
		await expect(take(db, actor, file())).rejects.toMatchObject({ code: 'limit' });
		await take(db, actor, file({ module: 'deals' }));
	});
});

test('CAD-5, COL-3: a clone takes sticky notes along, comments stay where they were written', async ({
	db
}) => {
	const actor = await makeOrg(db);
	await withOrg(db.web, actor.orgId, async (tx) => {
		const id = await makeCadence(tx, actor, 'Noted');
		await editStored(tx, actor, id, (doc) => {
			setNoteText(doc, addNote(doc, [40, 60], 'pink'), 'Ask legal');
			const on = { node: 'look', about: 'Look' };
			addComment(doc, { by: actor.userId, at: 1, text: 'Too early?', mentions: [], on });
		});
		const clone = await cloneCadence(tx, actor, { cadenceId: id });
		const doc = await openStored(tx, actor, clone.id);
		expect(readNotes(doc)).toMatchObject([{ position: [40, 60], color: 'pink', text: 'Ask legal' }]);
		expect(readThreads(doc)).toEqual([]);
	});
});
