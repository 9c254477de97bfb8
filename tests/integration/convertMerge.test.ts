import { convertLead } from '../../src/lib/server/records/convertLead.ts';
import { getTimeline } from '../../src/lib/server/records/getTimeline.ts';
import { getMergeChoice } from '../../src/lib/server/records/getMergeChoice.ts';
import { getRecord } from '../../src/lib/server/records/getRecord.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { mergeRecords } from '../../src/lib/server/records/mergeRecords.ts';
import { listDuplicates } from '../../src/lib/server/records/listDuplicates.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { listSuccessors } from '../../src/lib/server/records/listSuccessors.ts';
import { restoreRecords } from '../../src/lib/server/records/restoreRecords.ts';
import { makeUser, rep } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import { branch, days, email, makeWorld, planOf, runEngine, runsOf, task } from '../support/engineWorld.ts';
import { as, enrolled, messagesOf } from '../support/liveRuns.ts';

const waiting = () => planOf([task('a', [branch('a', { response: 'created' }, 'b', days(2))]), task('b')]);

describe('CRM-5: converting a lead', () => {
	test('CRM-5, UNE-7: it becomes a contact with account and deal, and its cadences stop for good', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId, leads } = await enrolled(db, world, waiting(), [
			{
				data: {
					firstName: 'Ada',
					lastName: 'Lovelace',
					email: 'ada@engine.example',
					company: 'Engines Ltd',
					phone: '+44 20 7946 0000'
				},
				emailOptOut: true,
				tags: ['vip']
			},
			{ data: { lastName: 'Babbage', company: 'engines ltd' } }
		]);
		const [lead, second] = leads;
		const made = await as(db, world.actor, (tx) =>
			convertLead(tx, world.actor, { recordId: lead!, deal: { dealName: 'Difference engine' } })
		);
		const read = (id: string) =>
			as(db, world.actor, async (tx) => (await getRecord(tx, world.actor, id)).record);
		expect(await read(made.contactId)).toMatchObject({
			name: 'Ada Lovelace',
			ownerId: world.actor.userId,
			emailOptOut: true,
			tags: ['vip'],
			data: { email: 'ada@engine.example', account: made.accountId }
		});
		expect(await read(made.accountId!)).toMatchObject({ name: 'Engines Ltd' });
		const became = await as(db, world.actor, (tx) => listSuccessors(tx, world.actor, lead!));
		expect(became.map(({ how, id }) => [how, id])).toEqual([
			['converted', made.contactId],
			['converted', made.accountId],
			['converted', made.dealId]
		]);
		expect(await read(made.dealId!)).toMatchObject({
			name: 'Difference engine',
			data: { contact: made.contactId, account: made.accountId }
		});
		const first = (await runsOf(db, cadenceId)).find((run) => run.record_id === lead);
		expect(first).toMatchObject({ status: 'stopped', end_reason: 'converted' });
		await expect(
			as(db, world.actor, (tx) => convertLead(tx, world.actor, { recordId: lead! }))
		).rejects.toMatchObject({ code: 'conflict' });
		// The company is there already: no second account.
		const again = await as(db, world.actor, (tx) => convertLead(tx, world.actor, { recordId: second! }));
		expect(again).toMatchObject({ accountId: made.accountId, dealId: null });
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped' }, { status: 'stopped' }]);
	});

	test('CRM-5, PER-3: who sees only their own records cannot convert another one', async ({ db }) => {
		const world = await makeWorld(db);
		const { leads } = await enrolled(db, world, waiting());
		const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
		await expect(
			as(db, other, (tx) => convertLead(tx, other, { recordId: leads[0]! }))
		).rejects.toMatchObject({ code: 'not_found' });
	});
});

describe('CRM-5: merging duplicates', () => {
	test('CRM-5: the losing record ends as merged, its history and what points to it are the winner’s', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const mail = planOf([
			email('mail', [branch('mail', { response: 'replied' }, 'b')], { templateId: world.templateId }),
			task('b')
		]);
		const lead = { data: { email: 'a@b.example' } };
		const chain = await enrolled(db, world, mail, [lead, { ...lead, callOptOut: true, tags: ['old'] }]);
		const [winner, loser] = chain.leads;
		const runs = await runsOf(db, chain.cadenceId);
		const tasks = await enrolled(db, world, waiting(), []);
		expect(await runsOf(db, tasks.cadenceId)).toEqual([]);
		await as(db, world.actor, (tx) =>
			mergeRecords(tx, world.actor, {
				moduleKey: 'leads',
				winnerId: winner!,
				loserIds: [loser!],
				values: { company: 'Chosen Ltd' }
			})
		);
		const byRecord = Object.fromEntries(
			(await runsOf(db, chain.cadenceId)).map((run) => [run.record_id, run.end_reason ?? run.status])
		);
		expect(byRecord).toEqual({ [winner!]: 'active', [loser!]: 'merged' });
		expect(await messagesOf(db, chain.cadenceId)).toMatchObject(
			runs.map((run) => ({ status: run.record_id === winner ? 'queued' : 'cancelled' }))
		);
		const timeline = await as(db, world.actor, (tx) => getTimeline(tx, world.actor, { recordId: winner! }));
		const shown = Map.groupBy(timeline.items, (item) => item.kind);
		expect(shown.get('enrolled')).toHaveLength(2);
		expect(shown.get('unenrolled')).toMatchObject([{ data: { detail: 'merged' } }]);
		expect(shown.get('email')).toHaveLength(2);
		const kept = await as(db, world.actor, async (tx) => (await getRecord(tx, world.actor, winner!)).record);
		expect(kept).toMatchObject({ callOptOut: true, tags: ['old'], data: { company: 'Chosen Ltd' } });
		await runEngine(db);
		expect((await runsOf(db, chain.cadenceId)).map((run) => run.quarantine_reason)).toEqual([null, null]);
	});

	test('CRM-5: nobody is merged into a lead that was converted', async ({ db }) => {
		const world = await makeWorld(db);
		await as(db, world.actor, async (tx) => {
			const create = (lastName: string) =>
				createRecord(tx, world.actor, { moduleKey: 'leads', values: { lastName } });
			const [converted, other] = [await create('Doe'), await create('Doe')];
			await convertLead(tx, world.actor, { recordId: converted, account: false, deal: null });
			const merge = (winnerId: string, loserIds: string[]) =>
				mergeRecords(tx, world.actor, { moduleKey: 'leads', winnerId, loserIds });
			await expect(merge(converted, [other])).rejects.toMatchObject({
				code: 'conflict',
				pointer: '/winnerId'
			});
			expect((await getRecord(tx, world.actor, other)).record.deletedAt).toBeNull();
			await merge(other, [converted]);
			expect((await getRecord(tx, world.actor, converted)).record.deletedAt).not.toBeNull();
		});
	});

	test('CRM-5: lookups follow the winner; a record is not merged into itself', async ({ db }) => {
		const world = await makeWorld(db);
		await as(db, world.actor, async (tx) => {
			const create = (moduleKey: string, values: Record<string, unknown>) =>
				createRecord(tx, world.actor, { moduleKey, values });
			const winnerId = await create('accounts', { accountName: 'Acme' });
			const loserId = await create('accounts', { accountName: 'ACME Inc.' });
			const contact = await create('contacts', { lastName: 'Doe', account: loserId });
			const merge = (loserIds: string[]) =>
				mergeRecords(tx, world.actor, { moduleKey: 'accounts', winnerId, loserIds });
			await expect(merge([winnerId])).rejects.toMatchObject({ pointer: '/loserIds' });
			await merge([loserId]);
			expect((await getRecord(tx, world.actor, contact)).record.data['account']).toBe(winnerId);
			await expect(merge([loserId])).rejects.toMatchObject({ code: 'not_found' });
		});
	});

	test('CRM-5: an account that is merged with its parent does not become its own parent', async ({ db }) => {
		const { actor } = await makeWorld(db);
		await as(db, actor, async (tx) => {
			const create = (accountName: string, more: Record<string, unknown> = {}) =>
				createRecord(tx, actor, { moduleKey: 'accounts', values: { accountName, ...more } });
			const parentOf = async (id: string) => (await getRecord(tx, actor, id)).record.data['parentAccount'];
			const top = await create('Top');
			const parent = await create('Parent', { parentAccount: top });
			const [child, second] = [
				await create('Child', { parentAccount: parent }),
				await create('Second', { parentAccount: parent })
			];
			const merge = (winnerId: string, loserId: string, values = {}) =>
				mergeRecords(tx, actor, { moduleKey: 'accounts', winnerId, loserIds: [loserId], values });
			await merge(child, parent);
			expect(await parentOf(child)).toBeUndefined();
			expect(await parentOf(second)).toBe(child);
			// Picked from the one that goes: what it points to is itself by then, or lies outside.
			await merge(child, second, { parentAccount: child });
			expect(await parentOf(child)).toBeUndefined();
			await merge(child, await create('Third'), { parentAccount: top });
			expect(await parentOf(child)).toBe(top);
		});
	});

	test('CRM-5, PER-3: what there is to choose between: the records beside each other, and the live runs that end', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { leads } = await enrolled(db, world, waiting(), [{}, {}]);
		const choice = (ids: string[], actor = world.actor) =>
			as(db, actor, (tx) => getMergeChoice(tx, actor, { moduleKey: 'leads', ids }));
		const { records, runs } = await choice(leads);
		expect(records.map(({ id }) => id).toSorted()).toEqual(leads.toSorted());
		expect(runs.map((run) => run.recordId).toSorted()).toEqual(leads.toSorted());
		await expect(choice([leads[0]!])).rejects.toThrow('at least two');
		await expect(choice([leads[0]!, leads[0]!])).rejects.toMatchObject({ code: 'not_found' });
		const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
		await expect(choice(leads, other)).rejects.toMatchObject({
			code: expect.stringMatching(/not_found|forbidden/)
		});
	});

	test('CRM-5: what was merged says into whom, and the recycle bin does not offer it', async ({ db }) => {
		const world = await makeWorld(db);
		await as(db, world.actor, async (tx) => {
			const create = (values: Record<string, unknown>) =>
				createRecord(tx, world.actor, { moduleKey: 'leads', values });
			const winnerId = await create({ lastName: 'Doe' });
			const loserId = await create({ lastName: 'Do' });
			await mergeRecords(tx, world.actor, { moduleKey: 'leads', winnerId, loserIds: [loserId] });
			expect(await listSuccessors(tx, world.actor, loserId)).toMatchObject([
				{ how: 'merged', id: winnerId, name: 'Doe', moduleKey: 'leads' }
			]);
			expect(await restoreRecords(tx, world.actor, { moduleKey: 'leads', ids: [loserId] })).toEqual([]);
			const bin = await listRecords(tx, world.actor, { moduleKey: 'leads', deleted: true });
			expect(bin.rows.map(({ id }) => id)).not.toContain(loserId);
		});
	});

	test('CRM-5, PER-3: the same e-mail or phone makes a possible duplicate, for whoever may see it', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
		const [first, second] = await as(db, world.actor, async (tx) => {
			const create = (values: Record<string, unknown>) =>
				createRecord(tx, world.actor, { moduleKey: 'leads', values });
			const made = [
				await create({ lastName: 'Doe', email: 'jo@doe.example', phone: '+1 555 0100' }),
				await create({ lastName: 'Do', mobile: '+1 555 0100' })
			];
			// A text inside a longer one is no address of its own.
			await create({ lastName: 'Dough', email: 'bo.jo@doe.example' });
			await create({ lastName: 'Other', email: 'other@doe.example', owner: other.userId });
			return made;
		});
		const found = (id: string, actor = world.actor) =>
			as(db, actor, async (tx) => {
				const { module, record } = await getRecord(tx, world.actor, id);
				return (await listDuplicates(tx, actor, module, record)).map((one) => one.id);
			});
		expect(await found(first!)).toEqual([second]);
		expect(await found(second!)).toEqual([first]);
		expect(await found(first!, other)).toEqual([]);
	});
});
