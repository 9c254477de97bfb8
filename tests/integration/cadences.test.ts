import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { cloneCadence } from '../../src/lib/server/cadences/cloneCadence.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { getCadence } from '../../src/lib/server/cadences/getCadence.ts';
import { getPublishContext } from '../../src/lib/server/cadences/getPublishContext.ts';
import { listCadences } from '../../src/lib/server/cadences/listCadences.ts';
import { updateCadence } from '../../src/lib/server/cadences/updateCadence.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { getUsage } from '../../src/lib/server/limits/getUsage.ts';
import { allLeads, makeCadence, makeMailParts, oneTask } from '../support/cadences.ts';
import { draftOf } from '../support/draftOf.ts';
import { administrator, makeOrg, makeUser, rep } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';

describe('cadences', () => {
	test('CAD-1: a cadence is created with module, audience and an empty draft', async ({ db }) => {
		const actor = await makeOrg(db);
		const found = await withOrg(db.web, actor.orgId, async (tx) => {
			const viewId = await allLeads(tx);
			const { id } = await createCadence(tx, actor, {
				name: '  Welcome ',
				moduleKey: 'leads',
				enrollment: { kind: 'view', viewId }
			});
			const { draft } = await readDraft(tx, actor.orgId, id);
			return { cadence: await getCadence(tx, actor, id), draft, viewId };
		});
		expect(found.cadence).toMatchObject({
			name: 'Welcome',
			state: 'draft',
			enrollmentKind: 'view',
			view: { id: found.viewId },
			version: null,
			draftPending: true,
			live: 0,
			total: 0
		});
		expect(Object.keys(found.draft.nodes)).toEqual(['start']);
		expect(found.draft.settings.viewId).toBe(found.viewId);
	});

	test('CAD-1: names are unique in the organization, upper and lower case alike', async ({ db }) => {
		const actor = await makeOrg(db);
		const other = await makeOrg(db);
		const make = (who: typeof actor, name: string) =>
			withOrg(db.web, who.orgId, (tx) =>
				createCadence(tx, who, { name, moduleKey: 'leads', enrollment: { kind: 'manual' } })
			);
		const { id } = await make(actor, 'Welcome');
		await make(other, 'welcome');
		await expect(make(actor, 'WELCOME')).rejects.toMatchObject({ code: 'conflict', pointer: '/name' });
		await make(actor, 'Second');
		const rename = (name: string) =>
			withOrg(db.web, actor.orgId, (tx) => updateCadence(tx, actor, { cadenceId: id, name }));
		await expect(rename('second')).rejects.toMatchObject({ code: 'conflict' });
		await rename('WELCOME');
	});

	test('CAD-1: a name has at most 100 characters; a private view is no audience', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const base = { moduleKey: 'leads', enrollment: { kind: 'manual' } } as const;
			await expect(createCadence(tx, actor, { ...base, name: 'x'.repeat(101) })).rejects.toThrow(
				'100 characters'
			);
			await expect(createCadence(tx, actor, { ...base, name: ' ' })).rejects.toThrow('name');
			await tx.execute(
				sql`update views set shared = false, owner_id = ${actor.userId} where name = 'All Leads'`
			);
			const view = await allLeads(tx);
			await expect(
				createCadence(tx, actor, { ...base, name: 'x', enrollment: { kind: 'view', viewId: view } })
			).rejects.toMatchObject({ code: 'invalid', pointer: '/enrollment/viewId' });
		});
	});

	test('CAD-5: a clone copies audience and actions and shares nothing', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'Origin', oneTask('Look twice', { endAfterDays: 9 }));
			const first = await cloneCadence(tx, actor, { cadenceId: id });
			const second = await cloneCadence(tx, actor, { cadenceId: id });
			expect([first.name, second.name]).toEqual(['Copy of Origin', 'Copy of Origin (2)']);
			const [was, now] = [await readDraft(tx, actor.orgId, id), await readDraft(tx, actor.orgId, first.id)];
			expect(now.draft).toEqual(was.draft);
			expect(await getCadence(tx, actor, first.id)).toMatchObject({
				state: 'draft',
				module: { key: 'leads' }
			});
		});
	});

	test('CAD-4: the list is searched and filtered, and the meter counts per module', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			await makeCadence(tx, actor, 'Alpha 100%');
			await makeCadence(tx, actor, 'Beta');
			await createCadence(tx, actor, { name: 'Gamma', moduleKey: 'deals', enrollment: { kind: 'manual' } });
			const names = async (filter: Parameters<typeof listCadences>[2]) =>
				(await listCadences(tx, actor, filter)).map((cadence) => cadence.name);
			expect(await names({})).toEqual(['Alpha 100%', 'Beta', 'Gamma']);
			expect(await names({ search: '0%' })).toEqual(['Alpha 100%']);
			expect(await names({ moduleKey: 'deals' })).toEqual(['Gamma']);
			expect(await names({ state: 'active' })).toEqual([]);
			const usage = await getUsage(tx, actor);
			expect(usage.limits).toMatchObject({ created: 20, active: 10, actions: 30 });
			expect(usage.modules.find((module) => module.key === 'leads')).toMatchObject({ created: 2, active: 0 });
		});
	});

	test('PER-2: who only views or enrolls can neither create nor change; nobody sees another organization', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		const reader = await makeUser(db, actor.orgId, rep);
		const stranger = await makeOrg(db);
		const none = await makeUser(db, actor.orgId, {
			...administrator,
			manageAutomation: false,
			cadences: { view: false, manage: false, enroll: false, unenroll: false }
		});
		const id = await withOrg(db.web, actor.orgId, (tx) => makeCadence(tx, actor, 'Mine'));
		await withOrg(db.web, actor.orgId, async (tx) => {
			expect(await getCadence(tx, reader, id)).toMatchObject({ name: 'Mine' });
			await expect(updateCadence(tx, reader, { cadenceId: id, name: 'x' })).rejects.toMatchObject({
				code: 'forbidden'
			});
			await expect(cloneCadence(tx, reader, { cadenceId: id })).rejects.toMatchObject({ code: 'forbidden' });
			await expect(getCadence(tx, none, id)).rejects.toMatchObject({ code: 'forbidden' });
			await expect(listCadences(tx, none)).rejects.toMatchObject({ code: 'forbidden' });
		});
		await withOrg(db.web, stranger.orgId, async (tx) => {
			await expect(getCadence(tx, stranger, id)).rejects.toMatchObject({ code: 'not_found' });
			await expect(getCadence(tx, stranger, 'x')).rejects.toMatchObject({ code: 'not_found' });
			expect(await listCadences(tx, stranger)).toEqual([]);
		});
	});

	test('GRA-9: the publish context holds what validation reads', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const parts = await makeMailParts(tx, actor);
			const id = await makeCadence(tx, actor, 'Mails', draftOf({}, []));
			const context = await getPublishContext(tx, actor, id);
			expect(context).toMatchObject({
				module: { key: 'leads', kind: 'system' },
				enrollmentKind: 'manual',
				callResults: ['Interested', 'Busy'],
				actionLimit: 30,
				whatsappConnected: false
			});
			expect(context.templates).toMatchObject([
				{ id: parts.templateId, hasUnsubscribeLink: true, problems: [], links: ['https://a.example/x'] }
			]);
			expect(context.senders.map((sender) => sender.address)).toEqual(['sales@mail.example']);
			expect(context.today).toMatch(/^\d{4}-\d\d-\d\d$/);
			expect(context.views.find((view) => view.name.startsWith('My'))).toMatchObject({
				usesCurrentUser: true
			});
		});
	});
});
