import { setNodeField } from '../../src/lib/collab/edits/setNodeField.ts';
import { moveNodes } from '../../src/lib/collab/edits/moveNodes.ts';
import { removeNode } from '../../src/lib/collab/edits/removeNode.ts';
import { setSettings } from '../../src/lib/collab/edits/setSettings.ts';
import { readCadenceFile } from '../../src/lib/domain/cadence/cadenceFile.ts';
import { compareDrafts } from '../../src/lib/server/cadences/compareDrafts.ts';
import { exportCadence } from '../../src/lib/server/cadences/exportCadence.ts';
import { listVersions } from '../../src/lib/server/cadences/listVersions.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { restoreVersion } from '../../src/lib/server/cadences/restoreVersion.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { draftSettingsSchema } from '../../src/lib/domain/cadence/draft.ts';
import { countDraftAudience } from '../../src/lib/server/cadences/countDraftAudience.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { allLeads, makeCadence, makeMailParts, oneTask } from '../support/cadences.ts';
import { draftOf, task } from '../support/draftOf.ts';
import { editStored } from '../support/editStored.ts';
import { makeOrg, makeUser, administrator, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';

const twoTasks = () =>
	draftOf({ look: task('Look'), ring: task('Ring'), end: task('End') }, [
		['start', 'entry', 'look'],
		['look', 'created', 'ring'],
		['ring', 'created', 'end']
	]);

test('VER-2, VER-6: the draft beside the live version, and who changed which part of it', async ({ db }) => {
	const ada = await makeOrg(db);
	const ben = await makeUser(db, ada.orgId, administrator, 'Ben Builder');
	await withOrg(db.web, ada.orgId, async (tx) => {
		const id = await makeCadence(tx, ada, 'A', twoTasks());
		await publishCadence(tx, ada, { cadenceId: id, expectedVersion: null });
		await editStored(tx, ben, id, (doc) => setNodeField(doc, 'look', 'subject', 'Look closer'));
		await editStored(tx, ada, id, (doc) => removeNode(doc, 'end'));
		await editStored(tx, ben, id, (doc) => setSettings(doc, { endAfterDays: 9 }));
		await editStored(tx, ada, id, (doc) => moveNodes(doc, { ring: [5, 5] }));
		const { before, after, authors } = await compareDrafts(tx, ada, { cadenceId: id, from: 1, to: 'draft' });
		expect(before.draft.nodes['end']).toBeDefined();
		expect(after.draft.nodes['end']).toBeUndefined();
		expect(authors?.by).toMatchObject({
			'nodes/look': [ben.userId],
			'nodes/end': [ada.userId],
			'edges/ring/created': [ada.userId],
			'settings/endAfterDays': [ben.userId]
		});
		// Moving a card is no change of what a cadence does.
		expect(authors?.by).not.toHaveProperty('nodes/ring');
		expect(authors?.people.map(({ name }) => name)).toEqual(['Ada Admin', 'Ben Builder']);
	});
});

test('VER-6: versions with their runs; a version against another; the draft is discarded', async ({ db }) => {
	const ada = await makeOrg(db);
	await withOrg(db.web, ada.orgId, async (tx) => {
		const id = await makeCadence(tx, ada, 'A', twoTasks());
		await publishCadence(tx, ada, { cadenceId: id, expectedVersion: null });
		await editStored(tx, ada, id, (doc) => setNodeField(doc, 'look', 'subject', 'Second'));
		await publishCadence(tx, ada, { cadenceId: id, expectedVersion: 1 });
		expect(await listVersions(tx, ada, id)).toMatchObject([
			{ n: 2, live: 0, runs: 0 },
			{ n: 1, live: 0, runs: 0 }
		]);
		const between = await compareDrafts(tx, ada, { cadenceId: id, from: 1, to: 2 });
		expect(between).toMatchObject({
			before: { draft: { nodes: { look: { subject: 'Look at {{lead.lastName}}' } } } },
			after: { draft: { nodes: { look: { subject: 'Second' } } } },
			authors: null
		});
		await editStored(tx, ada, id, (doc) => setNodeField(doc, 'look', 'subject', 'Third'));
		await restoreVersion(tx, ada, { cadenceId: id });
		const after = await compareDrafts(tx, ada, { cadenceId: id, from: 2, to: 'draft' });
		expect(after.after.draft).toEqual(after.before.draft);
		await expect(compareDrafts(tx, ada, { cadenceId: id, from: 7, to: 'draft' })).rejects.toMatchObject({
			code: 'not_found'
		});
	});
});

test('CAD-5: what is exported names what its ids mean and is read back; nobody without the permission', async ({
	db
}) => {
	const ada = await makeOrg(db);
	const blind = await makeUser(db, ada.orgId, {
		...rep,
		cadences: { view: false, manage: false, enroll: false, unenroll: false }
	});
	await withOrg(db.web, ada.orgId, async (tx) => {
		const { templateId, senderId } = await makeMailParts(tx, ada);
		const draft = draftOf(
			{ mail: { kind: 'email', templateId, sender: { kind: 'sender', senderId }, recipient: 'email' } },
			[['start', 'entry', 'mail']]
		);
		const id = await makeCadence(tx, ada, 'Out', draft);
		const file = await exportCadence(tx, ada, id, 'draft');
		expect(file.names).toEqual({
			[templateId]: { kind: 'template', name: 'Hello' },
			[senderId]: { kind: 'sender', name: 'Sales' }
		});
		expect(readCadenceFile(JSON.stringify(file))).toEqual({ file });
		await expect(exportCadence(tx, blind, id, 'draft')).rejects.toMatchObject({ code: 'forbidden' });
		await expect(exportCadence(tx, ada, id, 1)).rejects.toMatchObject({ code: 'not_found' });
	});
});

test('GRA-9: the audience of an open draft is counted, for those who may draw', async ({ db }) => {
	const ada = await makeOrg(db);
	const reader = await makeUser(db, ada.orgId, rep);
	await withOrg(db.web, ada.orgId, async (tx) => {
		for (const rating of ['Hot', 'Hot', 'Cold'])
			await createRecord(tx, ada, { moduleKey: 'leads', values: { lastName: 'L', rating } });
		const viewId = await allLeads(tx);
		const id = await makeCadence(tx, ada, 'A', oneTask('Look', { viewId }));
		const settings = draftSettingsSchema.parse({ viewId });
		expect(await countDraftAudience(tx, ada, id, settings)).toMatchObject({ matching: 3, staying: 3 });
		const criteria = { field: 'rating', op: 'is' as const, value: 'Hot' };
		const strict = { viewId, unenroll: { ...settings.unenroll, criteria } };
		expect(await countDraftAudience(tx, ada, id, strict)).toMatchObject({ matching: 3, staying: 1 });
		await expect(countDraftAudience(tx, reader, id, settings)).rejects.toMatchObject({ code: 'forbidden' });
	});
});
